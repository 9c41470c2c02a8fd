# %% [markdown]
# # 03 · Two networks, one game: can noise learn to write digits?
#
# **Afterwards you can** build a generator and a discriminator, train each of them against the other, read the losses
# without being fooled by them, and tell a healthy GAN from a collapsed one.
#
# **You need** to have seen a PyTorch training loop (lessons 01 and 02). **Time** 40 minutes with the group (sections 1 to
# 5), 60 at your own pace with section 6. Nothing is downloaded.
#
# Every exercise is checked at once. If yours is not right yet, the lesson goes on with ours, so you cannot get stuck.

# %% tags=["nbval-ignore-output"]
import torch
import torch.nn.functional as F
from torch import nn

import gan_helpers as gh
from gan_helpers import plots

runtime = gh.start(seed=3)

# %% [markdown]
# ## 1. Why a second network? (3 min)
#
# A **classifier** learns from an answer sheet: this picture is a 7. An **autoencoder** has one too: the right output is
# the input. A network that *invents* digits has none: nobody knows which digit the random numbers
# $z = (0.3, -0.8, \dots)$ should become. First the two that have an answer sheet.

# %%
digits = gh.load_digits()  # real ones: MNIST, handwritten
real_digits = digits.images.flatten(1)  # (N, 784) uint8 in [0, 255]
print(digits.images.shape, digits.images.dtype, digits.labels.bincount().tolist())
answers, _ = gh.read_digits(real_digits[::400].float() / 127.5 - 1)
plots.show_images(digits.images[::400], labels=[f"it says {answer}" for answer in answers.tolist()])

# %% [markdown]
# The labels above come from a classifier that ships with the course. Below is the best *linear* autoencoder there is,
# principal components: 784 pixels -> 32 numbers -> 784 pixels (Baldi & Hornik 1989). Then we hand its decoder 32 random
# numbers, as large as those of real digits.
#
# **Predict first.** Will the decoder turn random numbers into digits?

# %%
pixels = real_digits.float() / 127.5 - 1  # (N, 784) in [-1, 1]
mean = pixels.mean(0)
directions = torch.linalg.svd(pixels - mean, full_matrices=False).Vh[:32]  # (32, 784)
code = (pixels - mean) @ directions.T  # the encoder: (N, 32)
decoded = mean + code[::400] @ directions  # the decoder: (10, 784)
invented = mean + torch.randn(10, 32) * code.std(0) @ directions
rows = torch.cat([pixels[::400], decoded, invented]).clamp(-1, 1)
plots.show_images(rows, title="real, decoded from their own code, decoded from random codes")

# %% [markdown]
# What we saw: it copies the shapes, a little blurred, and invents smudges. It was only ever asked to come close to *given* pictures, pixel by
# pixel. A **generative adversarial network** (Goodfellow et al. 2014) replaces the missing answer sheet by a judge that
# learns too:
#
# * the **generator** $G$ turns random numbers `z` into a `fake`;
# * the **discriminator** $D$ sees `real` and `fake` samples and says which is which;
# * $G$ never sees a real sample: all it learns, it learns from $D$'s opinion.
#
# ## 2. The two players, where we can see everything (8 min)
#
# Before digits, the plane: a "sample" is a point with two coordinates, so we can draw all of them, and $D$'s opinion of
# every place. The real points lie in eight clouds on a ring.

# %%
ring = gh.target("ring")
real_points = ring.sample(4096, seed=0)  # (N, 2) in [-1, 1]

# show: gan_helpers.models.mlp_gan.LATENT
# show: gan_helpers.models.mlp_gan.sample_z

print(real_points.shape, sample_z(3, like=real_points).shape)

# %% [markdown]
# ### Exercise: the generator (4 min)
#
# `LATENT` random numbers go in, `features` numbers in [-1, 1] come out: 2 for the plane, 784 for digits later. In
# between lie linear layers of the given `widths`, with LeakyReLU after each, which lets 0.2 of a negative number
# through. `nn.Tanh()` at the end brings any number into [-1, 1]. `batchnorm` is for later: leave its two lines.


# %%
# exercise: gan_helpers.models.mlp_gan.build_generator
def build_generator(features, widths=(64, 64), *, batchnorm=False):
    layers, inputs = [], LATENT
    for width in widths:
        layers.append(...)  # a linear layer: from how many to how many?
        if batchnorm:
            layers.append(nn.BatchNorm1d(width))
        layers.append(...)  # LeakyReLU
        inputs = width
    # The last one below brings any number into [-1, 1].
    return nn.Sequential(*layers, nn.Linear(inputs, features), ...)


# %%
build_generator = gh.check("build_generator")

# %% [markdown]
# ### Exercise: the discriminator (4 min)
#
# `features` numbers go in, **one** comes out: a *logit*, any number. Above 0 means "looks real", below 0 "looks fake",
# 0 "fifty-fifty". `logit.sigmoid()` is the probability of "real", which formulas call $D(x)$. There is no sigmoid inside
# the network: the loss owns it.


# %%
# exercise: gan_helpers.models.mlp_gan.build_discriminator
def build_discriminator(features, widths=(64, 64), *, dropout=0.0):
    layers, inputs = [], features
    for width in widths:
        layers += [..., ..., nn.Dropout(dropout)]  # a linear layer, then LeakyReLU
        inputs = width
    # One number a sample; Flatten makes (N, 1) into (N,).
    return nn.Sequential(*layers, ..., nn.Flatten(0))


# %%
build_discriminator = gh.check("build_discriminator")

# %% [markdown]
# Both players, before they have learned anything. A `GAN` is a pair: we make one of the two networks, and one of their
# two optimizers.

# %%
from typing import Any, NamedTuple

# show: gan_helpers.models.mlp_gan.GAN
# show: gan_helpers.models.mlp_gan.adam

plane_nets = GAN(build_generator(2, (128, 128)), build_discriminator(2, (128, 128)))
plane_opts = GAN(adam(plane_nets.generator, 1e-3), adam(plane_nets.discriminator, 1e-3))
plane_z = sample_z(1000, like=real_points)  # the same 1,000 inputs for all pictures
plots.plot_plane(real_points, plane_nets, z=plane_z)

# %% [markdown]
# What we see: blue dots are real, orange triangles are what $G$ makes. The background is $D$'s opinion: blue for
# "real", orange for "fake", and white, as here everywhere, for "no idea".
#
# ## 3. The discriminator's turn (9 min)
#
# The probability $D(x)$ should be 1 for `real` and 0 for `fake`. The loss is the cross-entropy of both:
#
# $$L_D = -\log D(\text{real}) - \log\bigl(1 - D(\text{fake})\bigr)$$
#
# ### Exercise: D's loss (3 min)
#
# `F.binary_cross_entropy_with_logits(logits, target)` holds the sigmoid and the logarithm, and stays finite for any
# logit; both its arguments are tensors. The target for real samples is the argument `real_target`: in training we shall
# pass 0.9 instead of 1, which keeps $D$ from growing too sure (Salimans et al. 2016, section 3.4).


# %%
# exercise: gan_helpers.models.mlp_gan.discriminator_loss
def discriminator_loss(real_logits, fake_logits, real_target=1.0):
    real_loss = ...  # torch.full_like(real_logits, real_target) is one of the two targets
    fake_loss = ...
    return real_loss + fake_loss


# %%
discriminator_loss = gh.check("discriminator_loss")

# %% [markdown]
# ### Exercise: D's step, and one word that matters (4 min)
#
# One step of $D$: make fakes, compute the loss, clear the old slopes (gradients) with the optimizer's `zero_grad()`,
# compute the new ones, `step()`. The fakes come out of $G$, so a slope would run back into $G$ as well. Here it must not:
# `tensor.detach()` is the same numbers without a past. (So the last line hands out the loss without one: kept for the
# curves, the past of every step would fill the memory.)

# %%
# show: gan_helpers.models.mlp_gan.REAL_TARGET


# exercise: gan_helpers.models.mlp_gan.discriminator_step
def discriminator_step(real, nets, opts, *, backward=torch.Tensor.backward):
    # nets.generator makes fakes from sample_z(len(real), like=real); which word keeps G out of it?
    fake = ...
    loss_d = discriminator_loss(nets.discriminator(real), nets.discriminator(fake), REAL_TARGET)
    ...  # clear the old slopes of opts.discriminator
    backward(loss_d)  # the same as loss_d.backward()
    ...  # step
    return loss_d.detach()


# %%
discriminator_step = gh.check("discriminator_step")

# %% [markdown]
# Now let $D$ alone learn for 600 steps; $G$ stands still. `training` deals a new batch of 128 as `real` in each step, and
# ends when the minutes or the steps are used up.

# %%
d_run = gh.training(real_points, plane_nets, plane_opts, minutes=0.5, steps=600)
for step, real in d_run:
    d_run.log(loss_d=discriminator_step(real, plane_nets, plane_opts))

# %%
plots.plot_plane(real_points, plane_nets, z=plane_z, target=ring)

# %% [markdown]
# What we saw: on the left, what $D$ has learned; on the right, the best any discriminator can do against this $G$. It has
# a formula (Goodfellow et al. 2014, proposition 1), and in the plane we can compute it:
#
# $$D^*(x) = \frac{p_\text{data}(x)}{p_\text{data}(x) + p_g(x)}$$
#
# where $p_\text{data}(x)$ and $p_g(x)$ say how densely real points and fakes lie at $x$. The two pictures agree where there
# are points (a target of 0.9 multiplies the formula by 0.9). Far from any point $D$ was never
# asked, and its answer there means nothing. The arrows start at the fakes and point where $D$'s answer rises fastest:
# that is all $G$ will ever be told.

# %%
gh.quiz("perfect_generator")

# %% [markdown]
# ## 4. The generator's turn (8 min)
#
# Goodfellow et al. (2014, section 3) write the game first as **minimax**: $G$ *minimises* what $D$ maximises,
# $\log(1 - D(\text{fake}))$. In practice, they say, this may give $G$ too little slope early on, and let $G$ minimise
# $-\log D(\text{fake})$ instead, the **non-saturating** loss. Both are low when $D$ is fooled.
#
# **Predict first**, with your answer to the question, then look at the slopes.

# %%
gh.quiz("who_saturates")

# %%
plots.gradient_of_losses()

# %% [markdown]
# What we saw: where $D$ is sure that a fake is fake (left side), the minimax loss is flat: **the generator's** slope
# vanishes, just when it has most to learn. The non-saturating loss is steepest there.
#
# ### Exercise: G's loss (2 min)
#
# The non-saturating loss, $L_G = -\log D(\text{fake})$, again with `F.binary_cross_entropy_with_logits`.


# %%
# exercise: gan_helpers.models.mlp_gan.generator_loss
def generator_loss(fake_logits):
    return ...  # which answer does G want to hear from D for its fakes?


# %%
generator_loss = gh.check("generator_loss")

# %% [markdown]
# ### Exercise: G's step (3 min)
#
# The counterpart of $D$'s step. The slope travels from the loss back *through* $D$ into $G$; but only $G$ steps. (What it
# leaves in $D$ is cleared by $D$'s own next step.)


# %%
# exercise: gan_helpers.models.mlp_gan.generator_step
def generator_step(real, nets, opts, *, backward=torch.Tensor.backward):
    fake_logits = ...  # z into G, G's fakes into D: detach or not?
    loss_g = generator_loss(fake_logits)
    ...  # clear the old slopes of one optimizer
    backward(loss_g)
    ...  # step with it
    return loss_g.detach()


# %%
generator_step = gh.check("generator_step")

# %% [markdown]
# Now the game: $D$ and $G$ in turns. Under the picture a verdict in plain words, from measured numbers. The buttons answer
# while the cell runs: try **Stop**, then run the cell again, and it goes on. In JupyterLab,
# sliders change the learning rates meanwhile; elsewhere the notebook's ■ stops it. To start over, run the cell that made the
# networks. (`stand_in` is for our tests only.)

# %% tags=["nbval-ignore-output"]
plane_run = gh.training(
    real_points, plane_nets, plane_opts, minutes=1, steps=3000,
    show=gh.watch_plane(real_points, plane_nets, plane_z),
    record=lambda: plots.plane_frame(plane_nets, plane_z), every=100,
    stand_in=lambda: gh.load_shipped_pair(plane_nets, "mlp_gan_plane"),
)  # fmt: skip
for step, real in plane_run:
    loss_d = discriminator_step(real, plane_nets, plane_opts)
    loss_g = generator_step(real, plane_nets, plane_opts)
    plane_run.log(loss_d=loss_d, loss_g=loss_g)

# %% [markdown]
# (The curves begin with the 600 steps of $D$ alone, and the steps are counted from there: the same networks go on.)
#
# The whole training as a film, with a slider. Watch the colour follow the triangles: as soon as $G$ has moved, $D$ has
# to learn a new border.

# %% tags=["nbval-ignore-output"]
plots.film(real_points, plane_run.records)

# %%
plots.plot_plane(real_points, plane_nets, z=plane_z, target=ring)

# %% [markdown]
# What we saw: where the triangles sit among the dots, $D$ is near white: fifty-fifty. Between the clouds fakes are
# left over: $G$ is continuous, so it cannot jump from one cloud to the next without a path between.
#
# **Your own shape.** Write your points below, between -0.85 and 0.85 (or "grid", "spiral", "moons"), and train a new pair. A
# small cloud far from the others may be found late or never; then the verdict says *kinds missing*.

# %%
MY_SHAPE = [(-0.5, 0.5), (0.5, 0.5), (-0.6, -0.2), (-0.3, -0.5), (0.0, -0.6), (0.3, -0.5), (0.6, -0.2)]

my_points = gh.target(MY_SHAPE).sample(4096, seed=0)
my_nets = GAN(build_generator(2, (128, 128)), build_discriminator(2, (128, 128)))
my_opts = GAN(adam(my_nets.generator, 1e-3), adam(my_nets.discriminator, 1e-3))

# %% tags=["nbval-ignore-output"]
my_run = gh.training(my_points, my_nets, my_opts, minutes=0.5, steps=2000,
                     show=gh.watch_plane(my_points, my_nets, plane_z))  # fmt: skip
for step, real in my_run:
    loss_d = discriminator_step(real, my_nets, my_opts)
    loss_g = generator_step(real, my_nets, my_opts)
    my_run.log(loss_d=loss_d, loss_g=loss_g)

# %% [markdown]
# ## 5. Digits (12 min)
#
# Nothing changes but the numbers: 784 features instead of 2, wider layers, dropout in $D$. Your functions are the same.
# First one minute with the generator as it is.

# %%
plain_nets = GAN(
    gh.place(build_generator(784, (256, 512, 1024))), gh.place(build_discriminator(784, (512, 256), dropout=0.3))
)
plain_opts = GAN(adam(plain_nets.generator, 2e-4), adam(plain_nets.discriminator, 2e-4))
digit_z = sample_z(2000, like=next(plain_nets.generator.parameters()))

# %% tags=["nbval-ignore-output"]
plain_run = gh.training(real_digits, plain_nets, plain_opts, minutes=1, steps=2000,
                        show=gh.watch_digits(real_digits, plain_nets, digit_z),
                        stand_in=lambda: gh.load_shipped_pair(plain_nets, "mlp_gan_collapsed"))  # fmt: skip
for step, real in plain_run:
    loss_d = discriminator_step(real, plain_nets, plain_opts)
    loss_g = generator_step(real, plain_nets, plain_opts)
    plain_run.log(loss_d=loss_d, loss_g=loss_g)

# %%
held_out = gh.load_digits("held-out").images.flatten(1).float() / 127.5 - 1
print(gh.diagnose(held_out[::2].to(digit_z.device), plain_nets, digit_z[:500]))

# %% [markdown]
# What we saw: **mode collapse**. Whatever `z` is, $G$ answers with a few kinds of picture, many of which nobody can read.
# Nothing in $G$'s loss asks for variety: each sample has to fool $D$ alone. The verdict finds it by *coverage*: the share of real digits with a fake
# among their nearest neighbours (Naeem et al. 2020). The numbers come below.
#
# One cure is **batch normalisation** in $G$ (Ioffe & Szegedy 2015): each number inside a layer gets mean 0 and spread 1
# *over the batch*, then a learned scale and shift. A unit can no longer answer the same to every `z`. Radford et al.
# (2016, section 3) found it critical against collapse. It has been waiting in your generator as `batchnorm=True` (not at its
# output; our $D$ has dropout instead). Three minutes now.

# %%
nets = GAN(
    gh.place(build_generator(784, (256, 512, 1024), batchnorm=True)),
    gh.place(build_discriminator(784, (512, 256), dropout=0.3)),
)
opts = GAN(adam(nets.generator, 2e-4), adam(nets.discriminator, 2e-4))

# %% tags=["nbval-ignore-output"]
run = gh.training(real_digits, nets, opts, minutes=3, steps=12_000,
                  show=gh.watch_digits(real_digits, nets, digit_z),
                  record=gh.quality_of_digits(real_digits, nets, digit_z), every=250,
                  stand_in=lambda: gh.load_shipped_pair(nets, "mlp_gan"))  # fmt: skip
for step, real in run:
    loss_d = discriminator_step(real, nets, opts)
    loss_g = generator_step(real, nets, opts)
    run.log(loss_d=loss_d, loss_g=loss_g)

# %%
print(gh.diagnose(held_out[::2].to(digit_z.device), nets, digit_z[:500]))
plots.show_images(gh.samples(nets.generator, digit_z[:50]), title="one sample for each z")

# %% [markdown]
# ### How good is it, in numbers?
#
# A classifier reads 2,000 samples. *Read* is the share it names with a confidence over 90 %. (A plain classifier is sure
# of noise, too: it has to answer. This one was shown noise and blur in training, and learned to be unsure of them:
# Hendrycks et al. 2019.) Controls stand beside it: digits nobody trained on, noise, and the collapsed generator.

# %% tags=["nbval-ignore-output"]
scores = {
    "real, held out": gh.score_digits(held_out),
    "noise": gh.score_digits(torch.rand(2000, 784) * 2 - 1),
    "collapsed": gh.score_digits(gh.samples(plain_nets.generator, digit_z)),
    "yours": gh.score_digits(gh.samples(nets.generator, digit_z)),
}
for name, score in scores.items():
    print(f"{name:15}", score)

# %% tags=["nbval-ignore-output"]
plots.plot_bars({name: scores[name].shares for name in ("real, held out", "collapsed", "yours")}, expected=0.1)

# %% [markdown]
# What we saw: no number is enough alone. The bars show which digits never come, *coverage* how much of the real data has a
# fake near it, *density* (about 1 for real digits) whether the fakes lie where real ones are. A generator that repeats one good
# spot can have a density above 1, and next to no coverage: look at both. The bars count what the classifier answers, sure or not. Yours should make all ten.
# If your computer was slow and the digits are still rough, run the training cell again: it goes on. For a picture at once,
# `gh.load_shipped_pair(nets, "mlp_gan")` puts our own training of 20,000 steps into `nets`, in place of yours: run the cells
# from the verdict on again to look at it.
#
# ### A lower loss is not a better picture

# %%
gh.quiz("lower_loss")

# %% tags=["nbval-ignore-output"]
plots.compare_losses_with(run.history, run.records)

# %% [markdown]
# What we saw, from your own run: below, the samples get better; above, the losses go their own ways, up or down, and do not
# tell. (Coverage below is of 500 samples among 500 real digits: compare it along the curve, not with the table above, which asks others.) Each is measured by the other player, who learns too. To know how good a GAN is, look at samples and measure *them*.
#
# ### Copies or new digits?
#
# Below each sample is its nearest neighbour among the 4,000 training digits, with the distance. If $G$ had learned them
# by heart, the distance would be near 0. For comparison: how far a *held-out* real digit lies from its nearest one.

# %% tags=["nbval-ignore-output"]
fakes = gh.samples(nets.generator, digit_z)
distance, index = gh.nearest(fakes, pixels)
print(f"mean distance to the nearest training digit: samples {distance.mean():.1f}, "
      f"held-out real digits {gh.nearest(held_out, pixels)[0].mean():.1f}")  # fmt: skip
plots.show_nearest(fakes[:10], real_digits[index[:10]], distance[:10])

# %% [markdown]
# What we saw: no sample is near 0, so none is a copy. And the samples lie a little farther from the training digits than held-out real ones
# do: what is missing to them is not novelty but likeness.
#
# ### A walk through latent space
#
# Four random `z` stand in the corners, and between them we go in a straight line. Neighbours in `z` are neighbours in the
# picture: $G$ has learned a map on which every place is a picture, as far as it has learned to make pictures.

# %%
gh.latent_map(nets.generator)

# %%
gh.latent_walk(nets.generator)

# %% [markdown]
# ## 6. Whose turn, how often? (at home, 10 min)
#
# Four ways to share the turns, each with a new pair in the plane:
# *in turns* as above; *two steps of G* for one of $D$; a *slower D*, with a fifth of the learning rate; and *in blocks*, an
# older recipe: 200 steps of $D$ alone, then 200 of $G$ alone, and so on.
#
# **Predict first.** In blocks: $G$ may step 200 times against a judge that stands still. Where will its points go?


# %%
def play(name, d_turn, g_turns, *, lr_d=1e-3):
    print(name)
    nets = GAN(build_generator(2, (128, 128)), build_discriminator(2, (128, 128)))
    opts = GAN(adam(nets.generator, 1e-3), adam(nets.discriminator, lr_d))
    run = gh.training(real_points, nets, opts, minutes=0.5, steps=2000,
                      show=gh.watch_plane(real_points, nets, plane_z))  # fmt: skip
    for step, real in run:
        if d_turn(step):
            run.log(loss_d=discriminator_step(real, nets, opts))
        for _ in range(g_turns(step)):
            run.log(loss_g=generator_step(real, nets, opts))
    return plots.plane_frame(nets, plane_z)


# %% tags=["nbval-ignore-output"]
frames = {
    "in turns": play("in turns", lambda step: True, lambda step: 1),
    "two steps of G": play("two steps of G", lambda step: True, lambda step: 2),
    "slower D": play("slower D", lambda step: True, lambda step: 1, lr_d=2e-4),
    "in blocks": play("in blocks", lambda step: step // 200 % 2 == 0, lambda step: step // 200 % 2),
}
plots.show_planes(real_points, frames)

# %% [markdown]
# What we saw: *in blocks*, all of $G$'s points run to the one place that $D$ likes best just then; in the next block $D$
# learns to refuse that place, and the chase begins anew. Taking turns step by step keeps the two close. One or two steps
# of $G$ make little difference here. A slow $D$ sees each move of $G$ late: the points scatter or swing round the ring, and
# how it ends differs from run to run. Run the cell again and compare.
#
# ## In this notebook we have
#
# * replaced the missing answer sheet by a judge: $G$ learns only from the slope that $D$ passes back;
# * updated each player alone: `detach` keeps $D$'s step out of $G$, and each optimizer holds one network's weights;
# * used the non-saturating loss, because the minimax one starves the *generator* while $D$ is sure;
# * compared $D$ with the best one possible, $p_\text{data} / (p_\text{data} + p_g)$;
# * seen a collapse, measured it, and mended it with batch normalisation;
# * learned to trust samples and controls rather than losses.
#
# **Next**: lesson 04 gives both networks eyes for neighbouring pixels: convolution.
#
# **Read on**: Goodfellow et al. 2014, *Generative Adversarial Nets*; Salimans et al. 2016, *Improved Techniques for
# Training GANs*; Radford et al. 2016, *Unsupervised Representation Learning with Deep Convolutional GANs*; Naeem et al.
# 2020, *Reliable Fidelity and Diversity Metrics for Generative Models*.
