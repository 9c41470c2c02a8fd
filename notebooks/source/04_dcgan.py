# %% [markdown]
# # 04 · Why should a network for pictures know what "next to" means?
#
# **Afterwards you can** explain strided and transposed convolution, BatchNorm and LeakyReLU; build and train a DCGAN; say
# what spectral normalisation and the hinge loss change; and reuse a discriminator as a feature extractor.
#
# **You need** lesson 03: a generator, a discriminator, their losses and steps. **Time** 25 minutes with the group
# (sections 1 to 5), 55 at your own pace with sections 6 to 9. Nothing is downloaded.
#
# Every exercise is checked at once. If yours is not right yet, the lesson goes on with ours.

# %% tags=["nbval-ignore-output"]
import functools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm
from torch.nn.utils.parametrize import is_parametrized

import gan_helpers as gh
from gan_helpers import plots
from gan_helpers.models import mlp_gan
from gan_helpers.models.dcgan import NORMS, SIDE, Switches, adam, doublings
from gan_helpers.models.mlp_gan import GAN, LATENT, discriminator_loss, generator_loss

runtime = gh.start(seed=4)

# %% [markdown]
# ## 1. From dense to convolutional (5 min)
#
# Pizza and broccoli, drawn by the course: the first time this takes one to three minutes. Each picture comes with what it shows, so a
# classifier could be trained, the *reader*. It will be our referee: it says which food lies on which surface, and how sure it is.

# %% tags=["nbval-ignore-output"]
food = gh.load_food(size=32)  # 10,000 pictures to train on
others = [gh.load_food(size=32, n=1000, seed=seed).images for seed in (1, 2)]  # of the same kinds, never trained on
large_food = gh.load_food(n=200, seed=1).images  # 64 pixels, for later

# %%
print(food.images.shape, food.images.dtype)
labels = [f"{one.food}\n{one.surface}" for one in food.foods[:8]]
plots.show_images(food.images[:8], columns=8, labels=labels)

# %% [markdown]
# First the networks of lesson 03, as they are: 3 · 32 · 32 = 3,072 numbers instead of 784. `GAN` holds two of anything, one for $G$
# and one for $D$: networks, their optimizers, later their losses. A minute and a half.

# %%
dense_nets = GAN(
    nn.Sequential(mlp_gan.build_generator(3072, (256, 512, 1024), batchnorm=True), nn.Unflatten(1, (3, 32, 32))),
    nn.Sequential(nn.Flatten(), mlp_gan.build_discriminator(3072, (512, 256), dropout=0.3)),
)
dense_nets = GAN(*(gh.place(net) for net in dense_nets))
dense_opts = GAN(adam(dense_nets.generator, 2e-4), adam(dense_nets.discriminator, 2e-4))
dense_z = mlp_gan.sample_z(1000, like=next(dense_nets.generator.parameters()))

# %% tags=["nbval-ignore-output"]
dense_run = gh.training(
    food.images, dense_nets, dense_opts, minutes=1.5, batch=32, show=gh.watch_food(dense_nets, dense_z)
)
for step, real in dense_run:
    loss_d = mlp_gan.discriminator_step(real, dense_nets, dense_opts)
    loss_g = mlp_gan.generator_step(real, dense_nets, dense_opts)
    dense_run.log(loss_d=loss_d, loss_g=loss_g)

# %% [markdown]
# What we saw: plates and patches of the right colours, but each pixel with a noise of its own. To a dense layer the pixels are a list in no
# order: it has to learn anew for each pair that neighbours look alike. A **convolution** is a small window of weights that slides over the picture: what it learns in one place holds in all.

# %%
gh.quiz("shuffled_pixels")

# %% [markdown]
# ## 2. Where each pixel goes (5 min)
#
# **Convolution.** Each result is the sum over a window of the picture, each pixel times a weight of the *kernel*. The window moves by
# `stride` pixels; `padding` puts zeros round the picture:
#
# $$\text{out} = \lfloor (\text{in} + 2 \cdot \text{padding} - \text{kernel}) / \text{stride} \rfloor + 1$$
#
# Kernel 4, stride 2, padding 1 halve height and width. Here all weights are 1, so that each result is the sum of its window:

# %%
blob = torch.tensor([[0, 0, 1, 1, 0, 0], [0, 1, 2, 2, 1, 0], [1, 2, 3, 3, 2, 1]])
blob = torch.cat([blob, blob.flip(0)])
plots.show_convolution(blob, torch.ones(4, 4), stride=2, padding=1)

# %% [markdown]
# **Transposed convolution** goes the other way: each pixel of a *small* map is a stamp. The kernel, times that pixel, is
# added to the large map, and the next pixel's stamp lands `stride` further. Where stamps overlap they add up; `padding` cuts
# the border off. (It is no inverse, and "deconvolution" is a misleading name for it.)
#
# $$\text{out} = (\text{in} - 1) \cdot \text{stride} - 2 \cdot \text{padding} + \text{kernel}$$

# %%
stamp = torch.tensor([[1, 2, 2, 1], [2, 4, 4, 2], [2, 4, 4, 2], [1, 2, 2, 1]])
plots.show_transposed_convolution(torch.tensor([[1, 2], [3, 4]]), stamp, stride=2, padding=1)

# %% [markdown]
# **Channels.** A colour picture has 3 *channels*. A kernel has weights for all channels that come in, and makes one that goes out, a
# *feature map*; a layer has as many kernels as it makes maps. `nn.Conv2d(inputs, outputs, kernel_size=, stride=, padding=, bias=)`
# says all that; `nn.ConvTranspose2d` takes the same.
#
# Why *transposed*? A convolution multiplies the picture, as one long list of numbers $x$, by a large matrix $A$; this one multiplies by
# the same matrix, transposed. Then $\langle Ax, y \rangle = \langle x, A^T y \rangle$ for any $x$ and $y$, where $\langle a, b \rangle$ is the sum of all
# products $a_i b_i$. Let us see.

# %%
x, y, kernel = torch.randn(1, 3, 8, 8), torch.randn(1, 5, 4, 4), torch.randn(5, 3, 4, 4)
one_way = (F.conv2d(x, kernel, stride=2, padding=1) * y).sum()
other_way = (x * F.conv_transpose2d(y, kernel, stride=2, padding=1)).sum()
print("the same number:", torch.isclose(one_way, other_way, rtol=1e-3).item())

# %% [markdown]
# **The checkerboard.** Let every input and every weight be 1: then the result says how many stamps meet in each pixel.
# **Predict first.**

# %%
gh.quiz("which_kernel")

# %%
ones, covered = torch.ones(1, 1, 6, 6), []
for size in (3, 4, 5):
    stamps = F.conv_transpose2d(ones, torch.ones(1, 1, size, size), stride=2)
    covered.append(stamps[:, :, 4:12, 4:12] / 9 * 2 - 1)  # away from the border; black: no stamp, white: nine
plots.show_images(torch.cat(covered), columns=3, labels=["kernel 3", "kernel 4", "kernel 5"])

# %% [markdown]
# What we saw: where the kernel is no multiple of the stride, some pixels get more than their neighbours (Odena et al. 2016); 4 covers
# evenly. Most DCGANs today take 4 (figure 1 of Radford et al. shows 5). That makes no checkerboard by itself, but the learned
# weights inside a stamp can still draw one. The cure of Odena et al.: first repeat each pixel, then convolve with stride 1.
# You will find it as `resize_block` in section 6.
#
# ## 3. The generator (4 min)
#
# DCGAN, *deep convolutional GAN*: Radford et al. (2016, section 3) found a recipe after many that failed. No dense layers inside.
# Strides instead of pooling (which keeps one number of each 2 x 2). BatchNorm, here over the batch *and all pixels* of a feature map,
# but neither at $G$'s output nor at $D$'s input. ReLU in $G$, tanh at its end; LeakyReLU in $D$: where ReLU would pass no slope back,
# it passes 0.2 of it.
#
# ### Exercise: G's block (4 min)
#
# Twice as high and wide: `(N, inputs, H, W)` -> `(N, outputs, 2H, 2W)`. Kernel 4, stride 2, padding 1. Then BatchNorm
# (its line is there), then ReLU. A bias before BatchNorm would be subtracted again: `bias=not norm`.


# %%
# exercise: gan_helpers.models.dcgan.generator_block
def generator_block(inputs, outputs, *, norm=True):
    grow = ...  # the convolution that makes maps larger
    return nn.Sequential(grow, nn.BatchNorm2d(outputs) if norm else nn.Identity(), ...)


# %%
generator_block = gh.check("generator_block")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: put the three numbers into both formulas of section 2. Which one makes 8 of 4?
# >
# > **Common wrong answer**: `nn.Conv2d`. The check asks which of the two makes pictures larger.

# %% [markdown]
# `z` is a picture of one pixel with `LATENT` channels. One transposed convolution makes 4 x 4 of it, then your block doubles
# until the size is reached, with half as many channels each time. The last block makes 3 channels and loses its ReLU (`[:-1]`), for
# tanh. The weights of all convolutions start small: mean 0, standard deviation 0.02.

# %%
# show: gan_helpers.models.dcgan.sample_z

# show: gan_helpers.models.dcgan.initialise


# %%
# show: gan_helpers.models.dcgan.build_generator


# %%
generator = build_generator(64, width=64)
plots.draw_network(generator, sample_z(1, like=torch.zeros(1)), title="G for 64 x 64 pixels")

# %% [markdown]
# ## 4. The discriminator (4 min)
#
# The mirror: half as high and wide in each block, down to 4 x 4, then one number.
#
# ### Exercise: D's block (3 min)
#
# A convolution with the same three numbers, then the normalisation, then LeakyReLU with `slope`. The two lines about
# `"spectral"` are for section 6: leave them.


# %%
# exercise: gan_helpers.models.dcgan.discriminator_block
def discriminator_block(inputs, outputs, *, norm="batch", slope=0.2):
    shrink = ...  # the convolution; its bias=norm != "batch"
    if norm == "spectral":
        shrink = spectral_norm(shrink)
    return nn.Sequential(shrink, nn.BatchNorm2d(outputs) if norm == "batch" else nn.Identity(), ...)


# %%
discriminator_block = gh.check("discriminator_block")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: it is the block above, backwards. Which argument has not been used yet?
# >
# > **Common wrong answer**: `nn.LeakyReLU(0.2)`. The check asks for the argument `slope`, since a film in section 6 sets it to 0.

# %%
# show: gan_helpers.models.dcgan.build_discriminator

discriminator = build_discriminator(64, width=64)
plots.draw_network(discriminator, torch.zeros(1, 3, 64, 64), title="D for 64 x 64 pixels")

# %% [markdown]
# ## 5. One step for both (7 min)
#
# In lesson 03 each turn made its own fakes. Here one batch serves both turns, as DCGAN implementations do: it saves a pass
# through $G$. In $D$'s turn no slope may run back into $G$; in $G$'s turn it must.
#
# ### Exercise: the step (5 min)
#
# `losses.discriminator(real_logits, fake_logits)` and `losses.generator(fake_logits)` are the losses of lesson 03, as a pair (the
# target for real ones is 1 here, not 0.9). Write $D$'s turn and the first line of $G$'s. (`backward(loss)` is `loss.backward()`; it is an
# argument so that a library that trains on several GPUs can put its own in.)

# %%
# show: gan_helpers.models.dcgan.CROSS_ENTROPY


# exercise: gan_helpers.models.dcgan.adversarial_step
def adversarial_step(real, nets, opts, losses=CROSS_ENTROPY, *, backward=torch.Tensor.backward):
    fake = nets.generator(sample_z(len(real), like=real))
    loss_d = ...  # D's answers to real, and to the fakes without a past
    opts.discriminator.zero_grad()
    backward(loss_d)
    ...  # one line is missing here

    loss_g = ...  # D's new answers to the fakes
    opts.generator.zero_grad()
    backward(loss_g)
    opts.generator.step()
    return loss_d.detach(), loss_g.detach()


# %%
adversarial_step = gh.check("adversarial_step")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: cover the second half. What did D's step need in lesson 03?
# >
# > **Common wrong answer**: `fake` without `.detach()` in D's turn. PyTorch then stops in G's turn: the graph of G was used up.

# %% [markdown]
# **How fast?** Radford et al. (section 4) give both networks Adam with a rate of 2e-4, after finding 1e-3 too high, and batches of 128.
# Adam's $\beta_1$, how much of earlier slopes it keeps, is 0.5 instead of the usual 0.9, with which their training swung and was not
# stable; our `adam` sets that. We have networks a quarter as wide, and a minute and a half on two cores: with the paper's rates, $G$ would still be
# at blots. So batches of 32, and **two rates**: 2e-3 for $G$ and 8e-3 for $D$, which may learn faster than $G$
# (Heusel et al. 2017; four times as fast, say Zhang et al. 2019). Section 6 has films of both choices.
#
# The same pictures and the same minute and a half as the dense pair.

# %%
conv_nets = GAN(gh.place(build_generator(32)), gh.place(build_discriminator(32)))
conv_opts = GAN(adam(conv_nets.generator, 2e-3), adam(conv_nets.discriminator, 8e-3))
z = sample_z(1000, like=next(conv_nets.generator.parameters()))

# %% tags=["nbval-ignore-output"]
conv_run = gh.training(food.images, conv_nets, conv_opts, minutes=1.5, batch=32, show=gh.watch_food(conv_nets, z))
for step, real in conv_run:
    loss_d, loss_g = adversarial_step(real, conv_nets, conv_opts)
    conv_run.log(loss_d=loss_d, loss_g=loss_g)

# %% [markdown]
# Beside the share that the reader reads: before it answers, the reader makes 64 numbers of a picture. The *Frechet distance* says how
# far these lie, as a whole, from those of real pictures: 0 for equal sets. Density (how many real neighbours a sample has) and
# coverage (the share of real ones with a sample near) are those of lesson 03, among the same 64 numbers.

# %% tags=["nbval-ignore-output"]
judge = gh.FoodJudge(others[0])
untrained = build_generator(32).to(z.device)
scores = {
    "other real ones": judge(others[1]),
    "untrained G": judge(gh.samples(untrained, z)),
    "dense, 1.5 min": judge(gh.samples(dense_nets.generator, dense_z)),
    "DCGAN, 1.5 min": judge(gh.samples(conv_nets.generator, z)),
}
for name, score in scores.items():
    print(f"{name:15}", score)

# %% [markdown]
# What we saw (yours will differ; two cores without bfloat16): the DCGAN is nearer to real pictures (71 beside 137)
# and covers more of them (20 % beside 5 %), and its plates have edges, where the dense one has a noise for each pixel. If yours shows
# blots after few steps, something else keeps your cores busy: run the training cell again, it goes on, then this one.
#
# The untrained $G$: a density, but no coverage. All its samples are nearly the same grey one. Density counts, for
# each sample, the real pictures that it is nearer to than their own fifth neighbour is, and divides by 5: here two of 1,000, and 2 / 5
# is 0.40. One number alone can mislead.
#
# **At home**: is it the convolutions, or the rates? Give the dense pair 2e-3 and 8e-3 too, and run its two cells again, then the
# scores. With us the reader then read 23 %, but coverage was 3 %: a few pictures over and over.
#
# ## 6. What each part is good for (at home, 12 min)

# %%
gh.quiz("without_batchnorm")

# %% [markdown]
# The films below were recorded before, at 32 pixels: 2,000 steps of 64 pictures (128 in the paper). In each row one thing differs
# from the paper's recipe; columns of different rows need not match. They open at their end: **move the slider**, or press ▶. All begin
# grey. Stop at step 200, too.

# %% tags=["nbval-ignore-output"]
plots.show_films(
    {
        "as in the paper": gh.load_film("dcgan_films_paper"),
        "no BatchNorm in G and D": gh.load_film("dcgan_films_without_batchnorm"),
        "ReLU instead of LeakyReLU in D": gh.load_film("dcgan_films_relu_in_d"),
    }
)

# %%
ends = gh.load_film("dcgan_films_paper").card["scores"]  # of 1,000 samples after the last step
for name in ("paper", "without_batchnorm", "relu_in_d"):
    print(f"{name:18} read {ends[name]['read']:6.1%}  coverage {ends[name]['coverage']:4.0%}")

# %% [markdown]
# What we saw: without BatchNorm at step 200 a checkerboard (kernel 4 alone is no cure), then one colour for all, then stripes: the same layers, the same steps, and nothing to be
# read. ReLU in $D$ did as well as LeakyReLU: a few points between two trainings are chance. Radford et al. (section 3) found the leaky one to
# work well above all for larger pictures; ours have 32 pixels.

# %% [markdown]
# ### Later ideas, one at a time
#
# **Spectral normalisation** (Miyato et al. 2018) divides each weight of $D$, laid out with a row for each output channel, by its
# largest singular value: the most by which it can stretch anything. So no layer stretches a difference much, $D$'s opinion cannot
# jump between two pictures that are nearly the same, and the slope that $G$ follows stays moderate. It takes the place of $D$'s
# BatchNorm.

# %%
free = nn.Conv2d(8, 16, 4, stride=2, padding=1)
nn.init.normal_(free.weight, 0, 0.5, generator=torch.Generator().manual_seed(0))
held = spectral_norm(nn.Conv2d(8, 16, 4, stride=2, padding=1), n_power_iterations=50)
for name, layer in {"free": free, "held": held}.items():
    largest = torch.linalg.matrix_norm(layer.weight.flatten(1), 2)
    print(f"{name}: largest singular value {largest:.1f}")

# %% [markdown]
# **The hinge loss** (Lim & Ye 2017): $D$ should give real ones more than 1 and fakes less than -1, and stops caring beyond
# that: what is already right moves nothing. $G$ wants $D$'s logits high.
#
# $$L_D = \max(0, 1 - D(\text{real})) + \max(0, 1 + D(\text{fake})) \qquad L_G = -D(\text{fake})$$

# %%
# show: gan_helpers.models.dcgan.hinge_discriminator_loss


# show: gan_helpers.models.dcgan.hinge_generator_loss


HINGE = GAN(hinge_generator_loss, hinge_discriminator_loss)

# %% [markdown]
# **Switches.** $G$ is continuous: on the way from one `z` to another its picture changes little by little. Between a blue plate
# and a white one, or a pizza and a broccoli, there must lie samples that are neither (Tanielian et al. 2020). A simple
# remedy of our own: of the first 16 numbers in `z` only the sign counts. Where a number jumps, the picture may jump.

# %%
# show: gan_helpers.models.dcgan.Switches

# %% [markdown]
# **Enlarge, then convolve**, against the checkerboard (Odena et al. 2016): each pixel is repeated, then convolved with stride 1.

# %%
# show: gan_helpers.models.dcgan.resize_block

# %% [markdown]
# **Two rates**, as in section 5. Move the slider again: each row adds one idea to the paper's recipe, only the third (two) and the last
# (three) more.

# %% tags=["nbval-ignore-output"]
plots.show_films(
    {
        "as in the paper": gh.load_film("dcgan_films_paper"),
        "spectral norm in D": gh.load_film("dcgan_films_spectral"),
        "spectral norm, hinge loss": gh.load_film("dcgan_films_spectral_hinge"),
        "enlarge, then convolve": gh.load_film("dcgan_films_resize"),
        "switches in z": gh.load_film("dcgan_films_switches"),
        "rates 2e-3 and 8e-3": gh.load_film("dcgan_films_rates"),
        "switches, rates, batches of 32": gh.load_film("dcgan_films_live"),
    }
)

# %%
for name in ("paper", "spectral", "spectral_hinge", "resize", "switches", "rates", "live"):
    print(f"{name:18} read {ends[name]['read']:6.1%}  coverage {ends[name]['coverage']:4.0%}")

# %% [markdown]
# What we saw, after 2,000 steps: spectral normalisation, with either loss, is far behind (3 and 7 % read beside the paper's 20 %). It
# is made to keep a long training stable, and shows its worth in section 7. Enlarging first changed little; switches (33 %) and rates
# (46 %) helped most. The last row made as many steps of half as many pictures, in two thirds of the time: 42 %. So the next cell,
# which has minutes, not steps, takes that.

# %% [markdown]
# Now what helped, live, for five minutes, and one thing more. $G$ never stands still: each step of $D$ sends it another way. So
# we keep the **average** of its weights over about the last 200 steps, and look at what *that* makes. It takes no part in
# the training (Yazıcı et al. 2019). After each step it keeps 0.995 of itself and takes 0.005 of $G$; at first it keeps less, so that the
# untrained $G$ is soon gone from it.

# %%
nets = GAN(gh.place(build_generator(32, switches=16)), gh.place(build_discriminator(32)))
opts = GAN(adam(nets.generator, 2e-3), adam(nets.discriminator, 8e-3))

# %% tags=["nbval-ignore-output"]
average = gh.running_average(nets.generator, 0.995)
averaged = GAN(average.module, nets.discriminator)
run = gh.training(food.images, nets, opts, minutes=5, batch=32, show=gh.watch_food(averaged, z))
for step, real in run:
    loss_d, loss_g = adversarial_step(real, nets, opts)
    average.update_parameters(nets.generator)
    run.log(loss_d=loss_d, loss_g=loss_g)

# %% tags=["nbval-ignore-output"]
scores["DCGAN, 5 min"] = judge(gh.samples(nets.generator, z))
scores["its average"] = judge(gh.samples(average.module, z))
for name, score in scores.items():
    print(f"{name:15}", score)
plots.show_images(gh.samples(average.module, z[:40]), columns=10, title="yours")

# %% [markdown]
# What we saw (yours will differ): of real pictures of this size the reader reads 97 %, of what the average of $G$ made 69 %, in five
# minutes on two cores without bfloat16. Three more runs there gave 67, 68 and 76 % (4,700 to 5,300 steps); on a processor with it, 9,200
# steps gave 86 %. Coverage rose from 20 to 53 %: of half of the real ones there is still nothing near. And the losses? $G$'s rose and $D$'s
# fell most of the time, while the pictures went on getting better. A loss here says who is ahead, not how good the pictures are.
#
# **Other pictures.** The same two cells learn from yours, if `food.images` in the second is replaced by your `(N, 3, 32, 32)` bytes:
#
# * `gh.load_coco(size=32).images`: COCO's photos of pizza and broccoli, once `python -m gan_helpers data coco` has fetched them (1 GB);
# * `gan_helpers.datasets.pictures.load_pictures("a/folder", size=32)`: any folder; a thousand pictures of one kind are a start;
# * `F.pad(gan_helpers.datasets.fashion.load_fashion().images, (2, 2, 2, 2)).repeat(1, 3, 1, 1)`: Fashion-MNIST, 60,000 grey clothes.
#
# What the reader says of them means nothing: it knows food alone.
#
# ## 7. A larger one, trained longer (at home, 6 min)
#
# The course ships a DCGAN of 64 pixels, trained for an hour. For so long the recipe of your five minutes did not hold: we tried
# (`python -m gan_helpers train dcgan-long`), and after 12,600 of 18,000 steps $D$ knew every fake (its loss 0.003). What it says to $G$
# is then worth little: when we stopped, at step 13,356, the reader read 77 % and 41 % of the real ones were covered. So the shipped
# one differs: $D$ has spectral normalisation, the losses are the hinge losses, $\beta_1$ is 0, and $G$ grows by `resize_block`; it has the
# same 16 switches. After 18,000 steps 93 % were read and 66 % covered. The best recipe depends on how long you train. It takes the place of yours only in
# the cells below, under the name `large`.

# %%
large = gh.shipped_dcgan()
plots.show_images(gh.samples(large.generator, gh.random_z(24, seed=0)), columns=8, title="shipped DCGAN, 64 pixels")

# %% [markdown]
# **A walk.** Two sliders between four random `z`, as in lesson 03. Where a switch is thrown, the picture jumps.

# %%
gh.latent_walk(large.generator, seed=1)

# %% [markdown]
# **Arithmetic.** Radford et al. (2016, section 6.3.2) average the `z` of three samples of a kind, and find that *smiling woman*
# minus *neutral woman* plus *neutral man* gives a smiling man. Here the reader sorts 1,000 samples by food and by surface, and we
# average all of a kind.
#
# **Predict first.** Take other samples in which the reader sees pizza, and add twice *broccoli - pizza* to each `z`. What will the
# reader see? (Half a minute or more; nothing moves meanwhile.)

# %% tags=["nbval-ignore-output"]
concepts = gh.latent_concepts(large.generator)
more_z = gh.random_z(300, seed=1)
pizzas = more_z[[one.food == "pizza" for one in gh.read_food(gh.samples(large.generator, more_z)).foods()]]
direction = concepts["broccoli"] - concepts["pizza"]
others_as_long = F.normalize(gh.random_z(10, seed=2)) * direction.norm()
for name, ways in {"broccoli - pizza": direction[None], "any of ten other directions": others_as_long}.items():
    seen = gh.read_food(gh.samples(large.generator, torch.cat([pizzas + 2 * way for way in ways]))).foods()
    share = sum(one.food == "broccoli" for one in seen) / len(seen)
    print(f"{len(pizzas)} pizzas + 2 ({name}): {share:.0%} are broccoli now")

# %%
gh.latent_arithmetic(large.generator, concepts)

# %% [markdown]
# What we saw: nearly all of the pizzas had become broccoli. Steps as long in ten other directions, drawn at random, did so to 10 %:
# it is the direction that means something. Move "how much" from 0 on: the surface may change as well, for a mean over
# samples of one food is not free of all else. The first 16 of these numbers are switches, and count by their sign even here.
#
# ## 8. What has D learned? (at home, 7 min)
#
# ### Exercise: D's features (4 min)
#
# $D$ was never told what anything is called. Radford et al. (2016, section 5.1) use it all the same: the maxima of all its
# feature maps, on a 4 x 4 grid, are the numbers that a small classifier gets to see: `F.adaptive_max_pool2d(maps, SIDE)` with
# `SIDE` 4. That is *semi-supervised*: many pictures without a label, few with one.


# %%
# exercise: gan_helpers.models.dcgan.discriminator_features
def discriminator_features(discriminator, images):
    features = []
    for block in discriminator[:-2]:  # the last two make the logit
        images = ...  # send it through this block: the result is also the next block's input
        features.append(...)  # the maxima on a grid of SIDE x SIDE, as one row a picture
    return torch.cat(features, 1)


# %%
discriminator_features = gh.check("discriminator_features")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: `F.adaptive_max_pool2d(maps, SIDE)` makes (N, C, 4, 4) of any map; what makes rows of it?
# >
# > **Common wrong answer**: `adaptive_avg_pool2d`. The check says that the paper takes maxima.

# %% [markdown]
# A hundred labels, ten times drawn anew; 1,000 other pictures to be told apart (all of them drawn now: half a minute or more). Eleven
# kinds: pizza whole, half or slice; broccoli raw, dark, roasted or under sauce, alone or beside a slice of pizza. The same linear
# classifier on raw pixels, on $D$'s features, and on those of a $D$ that learned nothing. Who always says the most frequent kind is
# right in 15 % (the dotted line). **Predict first**: in which order?

# %% tags=["nbval-ignore-output"]
torch.manual_seed(0)
untrained_d = build_discriminator(64, 40, norm="spectral").eval()
few = gh.compare_features(
    {
        "raw pixels": lambda images: images.flatten(1),
        "untrained D": lambda images: discriminator_features(untrained_d, images),
        "D's features": lambda images: discriminator_features(large.discriminator, images.to(z.device)),
    },
    labels=100,
)
plots.plot_comparison(few, title="right answers with 100 labels, ten times", chance=0.15)

# %% [markdown]
# What we saw: 48 % with raw pixels, 64 % with an untrained $D$ (others gave 62 to 65 %), 74 % with what $D$ had learned, with a spread of 2
# or 3 points over ten draws. Convolutions and maxima are a good start even before they learn; telling real from fake added ten points, without one label.
#
# ## 9. Can you tell? And what does it cost? (at home, 5 min)
#
# Twelve pictures, six of them real. $D$ has answered already; after the twelfth the game says which of you was right how often.

# %%
gh.real_or_fake(large_food, large)

# %% [markdown]
# **Speed.** `gh.place` did three things all along. It moves a network to the fastest device; it stores feature maps
# pixel by pixel, all channels of a pixel together (*channels last*), which convolutions read fastest; and where that pays, it
# multiplies in bfloat16: a processor that cannot do so gains little here (6 to 20 % with us). The same step without and with it, half a minute:

# %% tags=["nbval-ignore-output"]
real, steps = large_food[:64].to(z.device).float() / 127.5 - 1, {}
for name, put in {"float32": lambda net: net.to(z.device), "gh.place": gh.place}.items():
    pair = GAN(put(build_generator(64)), put(build_discriminator(64)))
    moves = GAN(adam(pair.generator, 2e-4), adam(pair.discriminator, 2e-4))
    steps[name] = functools.partial(adversarial_step, real, pair, moves)
for name, seconds in gh.seconds_in_turns(steps, z.device, threads=gh.ALL_THREADS, at_least=2).items():
    print(f"{name:10} {len(real) / seconds:5.0f} pictures a second")

# %% [markdown]
# ## In this notebook we have
#
# * replaced dense layers by convolutions, which know what is near;
# * drawn where each pixel goes, back and forth, and counted the stamps of the checkerboard;
# * built the DCGAN of Radford et al. (2016), and written both turns on one batch of fakes;
# * switched off BatchNorm and LeakyReLU, and added spectral normalisation, the hinge loss and switches, one at a time;
# * measured what came out beside real pictures, an untrained generator and the dense one;
# * reused $D$ as a feature extractor.
#
# **Next**: lesson 05 tells both networks what to draw: a caption.
#
# **Read on**: Radford et al. 2016, *Unsupervised Representation Learning with Deep Convolutional GANs*; Odena et al. 2016,
# *Deconvolution and Checkerboard Artifacts*; Miyato et al. 2018, *Spectral Normalization for GANs*; Lim & Ye 2017,
# *Geometric GAN*; Heusel et al. 2017, *GANs Trained by a Two Time-Scale Update Rule*; Tanielian et al. 2020,
# *Learning Disconnected Manifolds: a no GAN's Land*; Zhang et al. 2019, *Self-Attention GANs*; Yazıcı et al. 2019, *The Unusual
# Effectiveness of Averaging in GAN Training*.
