# %% [markdown]
# # 07 · Two heaps of pictures and no pairs: who teaches a network to translate?
#
# **Afterwards you can** train two networks that translate pictures of one kind into another without a single pair, say what
# the cycle loss is for and what it cannot see, and measure what stays and what changes.
#
# **You need** lesson 04 (convolutional GANs); lesson 06 helps (residual blocks). **Time** 45 minutes at your own pace, 6 of them
# a training. Nothing is downloaded; the pizzas are drawn once, in half a minute.

# %% tags=["nbval-ignore-output"]
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import nn

import gan_helpers as gh
from gan_helpers import plots
from gan_helpers.models.cyclegan import BUFFER, CYCLE_WEIGHT, IDENTITY_WEIGHT
from gan_helpers.models.dcgan import GAN, adam, initialise

runtime = gh.start(seed=7)

# %% [markdown]
# ## 1. Two heaps, no pairs (4 min)
#
# Paintings and photos of the same places, horses and zebras in the same pose, the same street in summer and in winter: for
# most pairs that one would like to translate between, nobody ever made the second picture. What there is, is two heaps. Zhu
# et al. (2017) call learning from them *unpaired* image-to-image translation: CycleGAN.
#
# Our heaps: 2,000 pizzas with cheese alone, and 2,000 **others** with pepperoni.

# %%
cheese, pepperoni = gh.load_pizzas(), gh.load_pizzas("pepperoni")
print(cheese.images.shape, pepperoni.images.shape, cheese.images.dtype)
plots.show_images(torch.cat([cheese.images[:9], pepperoni.images[:9]]), columns=9, title="A: cheese; B: pepperoni")

# %%
gh.quiz("random_partner")

# %%
middle = pepperoni.images.median(0).values  # of each pixel: what is nearest to all of them
plots.show_images(middle[None], title="nearest to all pepperoni pizzas")

# %% [markdown]
# What we saw: whatever cheese pizza goes in, any pepperoni pizza is as likely an answer. The loss is lowest for what lies in the
# middle of them all, and that is nobody's dinner. A loss on pixels needs pairs. A **discriminator** does not: it only has to
# know what pepperoni pizzas look like.
#
# ## 2. Two translators (5 min)
#
# A translator takes a picture and returns one of the same size. It shrinks the picture twice, so that a pixel of its maps sees
# more of it, changes the maps in residual blocks (lesson 06), and enlarges them again (Zhu et al. 2017, appendix 7.2).
#
# **Instance normalisation** (Ulyanov et al. 2016) gives each map of *each picture* mean 0 and spread 1, where batch normalisation
# takes the whole batch together. A picture is then translated the same way whatever stands beside it in the batch.

# %%
# show: gan_helpers.models.cyclegan.normed
# show: gan_helpers.models.cyclegan.ResidualBlock

# %%
# show: gan_helpers.models.cyclegan.Translator

# %% [markdown]
# Ours differ from the paper's in size (16 maps instead of 64, 4 blocks instead of 6) and in one thing more: with `over_input` the
# network makes only the *change*, and the picture is added to it. The untrained translator then leaves everything as it is, and the
# minutes we have go into what should be different.

# %%
translator = Translator(16, 4, over_input=True)
real_a, real_b = (heap.images[:4].float() / 127.5 - 1 for heap in (cheese, pepperoni))  # (N, 3, H, W) in [-1, 1]
print(translator(real_a).shape, f"{sum(p.numel() for p in translator.parameters()):,} weights")
torch.equal(translator(real_a), real_a)

# %% [markdown]
# ## 3. Judges of patches (4 min)
#
# $D$ of lesson 04 made one logit of a whole picture. A **PatchGAN** (Isola et al. 2017) makes one for each patch: it asks whether this
# piece looks like pepperoni pizza, and leaves the large shapes to what the translator was given. The paper's sees 70 of 256 pixels, about
# a quarter of the side; for 64 pixels that is 16.

# %%
# show: gan_helpers.models.cyclegan.PatchDiscriminator

# %%
# show: gan_helpers.models.cyclegan.patch

judge = PatchDiscriminator(32, halvings=1)
print(judge(real_b).shape, f"each sees {patch(1)} x {patch(1)} pixels; with three halvings {patch(3)} x {patch(3)}")

# %% [markdown]
# The losses are **least squares** (Mao et al. 2017): $D$ should answer 1 for real patches and 0 for fakes, $G$ wants to hear 1. The slope
# grows with the distance from 1 on either side: a fake that $D$ finds *more* than real is drawn back, too, where the cross-entropy of lesson 03
# goes flat. Zhu et al. found it more stable (section 4).
# (What $D$ gives is then a score rather than a logit: the border between fake and real lies at 0.5.)

# %%
# show: gan_helpers.models.cyclegan.squared_discriminator_loss
# show: gan_helpers.models.cyclegan.squared_generator_loss

# %%
gh.quiz("without_cycle")

# %% [markdown]
# ## 4. There and back (7 min)
#
# Two translators that were trained with nothing but $D$, 1,000 steps, ship with the course. Here is what they make of pizzas that no training
# saw: cheese pizzas, the same to pepperoni, and back again.

# %% tags=["nbval-ignore-output"]
judged_a, judged_b = gh.load_pizzas(n=200, seed=1), gh.load_pizzas("pepperoni", n=200, seed=1)  # no step sees these
free = gh.shipped_translators("cyclegan_free")
made = gh.translated(free.to_b, judged_a.images)
print(gh.score_translation(made, judged_a, "pepperoni"))
rows = [judged_a.images[:8], made[:8], gh.translated(free.to_a, made[:8])]
plots.show_images(torch.cat(rows), columns=8, title="cheese; to pepperoni with D alone; and back to cheese")

# %% [markdown]
# The line of scores: in how many the reader of lesson 05 finds pepperoni alone, as was *wanted*; in how many it finds the *surface* and the
# *shape* (whole, half, slice) that went in; and in levels of 255 how far the pixels *outside the rim*, where nothing should change, are from what went in,
# and all pixels from the same pizza drawn *bare*, without a topping.
#
# What we saw: pepperoni it is, the reader is content, and so was $D$. But tables change their colour, plates their pattern, and on the way back
# second pizzas appear on tables and plates.
#
# What ties the answer to the question? Nobody has the right answer, but there is a second translator for the way back, and *there and back
# again should end where it began*: a pattern that was lost on the way could not come back. That is **cycle consistency**:
#
# $$L_{cyc} = \lVert G_A(G_B(a)) - a \rVert_1 + \lVert G_B(G_A(b)) - b \rVert_1$$
#
# ($G_B$ makes B of A, $G_A$ makes A of B; equation 2, where they are called G and F.) Both translators live in one network, both discriminators in another, so that each
# has one optimizer; a `Pair` holds what belongs to A and to B.

# %%
# show: gan_helpers.models.cyclegan.Pair
# show: gan_helpers.models.cyclegan.BothGenerators

# %%
# show: gan_helpers.models.cyclegan.BothDiscriminators

# %% [markdown]
# ### Exercise: the cycle loss (2 min)
#
# `real` are pictures of A and of B, `again` the same after two translations. `F.l1_loss` is the mean absolute difference.


# %%
# exercise: gan_helpers.models.cyclegan.cycle_loss
def cycle_loss(real, again):
    return ...  # what came back, against what was sent: of A and of B


# %%
cycle_loss = gh.check("cycle_loss")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: `again.a` began as `real.a`, has been to B and back. What should it be like?
# >
# > **Common wrong answer**: `F.l1_loss(again.a, real.b) + ...`. The check says: "A came back as A: compare again.a with real.a, and again.b
# > with real.b."

# %% [markdown]
# ## 5. A memory for the discriminators (5 min)
#
# A discriminator that sees only today's fakes forgets yesterday's tricks, and the translator may return to them. Shrivastava et al.
# (2017, section 2.3) show it older fakes, too: a **buffer** of 50 for each kind. Each new fake is, by the throw of a coin, shown as it is, or put into the buffer
# in the place of an older one, which is shown instead.
#
# ### Exercise: the buffer (4 min)


# %%
# exercise: gan_helpers.models.cyclegan.remember
def remember(fake, kept, size=BUFFER):
    shown = []
    for one in fake.detach():  # kept is a list: of older fakes, like `one`
        ...  # is there room? keep it. If not: heads, and it changes places with an older one
        shown.append(one)
    return torch.stack(shown)


# %%
remember = gh.check("remember")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: two cases for each fake: there is room, or there is none. With none: heads or tails?
# >
# > **Common wrong answer**: an older fake is shown, but the new one is not put in its place: then the buffer never changes. The check says:
# > "When an older fake is shown, the new one should take its place in kept".

# %% [markdown]
# ## 6. What is right already should stay (5 min)
#
# A translator to pepperoni pizza should leave a pepperoni pizza as it is: the **identity loss** (section 5.2 of the paper, where it keeps a
# painting's daylight from turning into dusk).
#
# ### Exercise: all of G's loss (3 min)
#
# Fool both discriminators, come back, leave alone: `weights` are 10 for the cycle and 5 for the identity loss.

# %%
# show: gan_helpers.models.cyclegan.identity_loss


# %%
# exercise: gan_helpers.models.cyclegan.full_generators_loss
def full_generators_loss(fake_logits, cycle, identity, weights):
    return ...  # squared_generator_loss twice, weights[0] * ..., weights[1] * ...


# %%
full_generators_loss = gh.check("full_generators_loss")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: three wishes of $G$, one line each, then a sum.
# >
# > **Common wrong answer**: one of the two discriminators is forgotten. The check says which.

# %% [markdown]
# One step: both translators, then both discriminators, which see the fakes that `remember` hands them. `generator(real.a, real.b)` makes the
# fakes, called on them once more it brings them back, and with A and B exchanged it shows what it does to pictures of its own kind.

# %%
# show: gan_helpers.models.cyclegan.generators_step

# %%
# show: gan_helpers.models.cyclegan.discriminators_step

# %%
# show: gan_helpers.models.cyclegan.translation_step

# %% [markdown]
# ## 7. Train (7 min, 6 of them training)
#
# Six rows in the live view: cheese pizzas, what they become, and what that becomes on the way back; then the same from pepperoni pizzas.
#
# Four pictures of each kind a step. (The paper takes one; with two, our $D$ won this game within the six minutes.)
#
# **Predict first.** Which way will be learned sooner: putting pepperoni on, or taking it off?

# %%
heaps = torch.stack([cheese.images, pepperoni.images], 1)  # (N, 2, 3, H, W): what stands together is no pair


def new_gan():
    """Both translators and both judges, their optimizers, and empty buffers."""
    translators = [Translator(16, 4, over_input=True) for _ in "ab"]
    judges = [PatchDiscriminator(32, halvings=1) for _ in "ab"]
    nets = GAN(gh.place(BothGenerators(*translators)), gh.place(BothDiscriminators(*judges)))
    return nets, GAN(adam(nets.generator, 5e-4), adam(nets.discriminator, 5e-4)), Pair([], [])


nets, opts, kept = new_gan()

# %% tags=["nbval-ignore-output"]
run = gh.training(heaps, nets, opts, minutes=6, batch=4, show=gh.watch_translation(nets, judged_a, judged_b),
                  stand_in=lambda: gh.load_shipped_translators(nets.generator))  # fmt: skip
for step, real in run:
    loss_d, loss_g = translation_step(real, nets, opts, kept, weights=(10.0, 5.0))
    run.log(loss_d=loss_d, loss_g=loss_g)

# %% [markdown]
# ## 8. How good is it, in numbers? (4 min)
#
# The drawing knows what nobody told the translators: how each pepperoni pizza would look without its pepperoni. So the error of the way to
# A is known, in levels of 255. Of the way to B there are many right answers; there we ask what the reader reads, and whether all outside the
# pizza's rim stayed.
#
# If $D$ has won and yours got nowhere, train a new one, or say `gh.load_shipped_translators(nets.generator)`: it puts ours in the place of yours.

# %% tags=["nbval-ignore-output"]
made_b, made_a = (
    gh.translated(nets.generator.to_b, judged_a.images),
    gh.translated(nets.generator.to_a, judged_b.images),
)
print("to pepperoni        ", gh.score_translation(made_b, judged_a, "pepperoni"))
print("   left as they are ", gh.score_translation(judged_a.images, judged_a, "pepperoni"))
print("to cheese           ", gh.score_translation(made_a, judged_b, None))
print("   left as they are ", gh.score_translation(judged_b.images, judged_b, None))
plots.show_images(
    torch.cat([judged_b.images[:8], made_a[:8], judged_b.bare[:8]]),
    columns=8,
    title="pepperoni; translated to cheese; drawn without pepperoni",
)

# %% [markdown]
# What we saw: outside the rim next to nothing has changed, surface and shape are kept. The way to pepperoni is the easier one: there are many right
# answers. The way to cheese has one, and comes closer to it the longer it trains: the translators that ship (`gh.shipped_translators()`, 4,000 steps)
# are read as cheese alone in 99 of 100, 3.6 levels from the bare pizza.
#
# And the cycle? 1,000 steps with it and without, three seeds each, 500 pizzas that no training saw (`scripts/measure_cycle.py`; from the lowest
# to the highest of the seeds):
#
# | | to pepperoni: read as wanted | outside the rim | to cheese: read as wanted | shape kept | outside the rim | from the bare pizza |
# |---|---|---|---|---|---|---|
# | cycle and identity loss | 99 to 100 % | 1.0 to 1.4 levels | 72 to 85 % | 100 % | 1.1 to 1.5 levels | 5.7 to 6.6 levels |
# | $D$ alone | 98 to 99 % | 13.0 to 14.0 | 23 to 55 % | 77 to 85 % | 14.1 to 16.0 | 20.3 to 20.7 |
#
# A pizza that is left as it is lies 8.9 levels from the bare one: with $D$ alone the way to cheese is worse than doing nothing.
#
# ## 9. What the cycle cannot see (5 min)
#
# Compare row 4 of the live view with row 6: after a way there and back the slices lie where they lay. `gh.places_kept` measures it by the
# correlation of redness, pixel by pixel, of what went in and what came back: 1 for the same places.

# %%
gh.quiz("where_hidden")

# %% [markdown]
# **Two tests.** What was written too faintly to see should be lost in noise; and on the same pizza *drawn* with cheese alone there is nothing to
# read. (Even then it is not 0: whoever guesses puts slices inside the rim, too.)

# %% tags=["nbval-ignore-output"]
to_a, to_b = nets.generator.to_a, nets.generator.to_b
without = gh.translated(to_a, judged_b.images)
for noise in (0, 8, 16, 32):  # levels of 255
    back = gh.translated(to_b, gh.noisy(without, noise))
    print(f"noise of {noise:2} levels: places kept {gh.places_kept(back, judged_b):.2f}")
guessed = gh.translated(to_b, judged_b.bare)
print(f"from the drawn one: places kept {gh.places_kept(guessed, judged_b):.2f}")

# %% tags=["nbval-ignore-output"]
rows = [judged_b.images[:8], without[:8], gh.translated(to_b, without[:8]), guessed[:8]]
plots.show_images(torch.cat(rows), columns=8, title="pepperoni; to cheese; and back; back from the drawn cheese pizza")

# %% [markdown]
# What we saw: with little noise the slices come back to their places, from the drawn cheese pizza they do not. So the picture in the second row holds
# the places, too faint to point at. Of the translators that ship (0.96 there and back, 0.44 from the drawn one) we know where: in the grain
# of the cheese. Smoothed over 3 x 3 pixels, it brings back no more than a guess, 0.38. Chu et al. (2017) call CycleGAN a master of steganography.
# The cycle loss is content with it, so a low cycle loss is no proof that a translation is right; it only says that nothing was lost.

# %% [markdown]
# ## 10. Your own two heaps (at home)
#
# Any two heaps will do, a few hundred pictures each or more. The course can draw raw and roasted broccoli; `gh.load_pictures("horses")` reads the
# pictures of a folder `horses`, cut to squares of 64 pixels. Put two heaps in the place of `None`.


# %%
def broccoli(style):
    food = gh.load_food()
    return food.images[[one.food == "broccoli" and one.style == style for one in food.foods]]


mine = None  # such as broccoli("raw"), broccoli("roasted")

# %% tags=["nbval-ignore-output"]
if mine:
    a, b = mine
    fewer = min(len(a), len(b))
    own, own_opts, own_kept = new_gan()
    own_run = gh.training(torch.stack([a[:fewer], b[:fewer]], 1), own, own_opts, minutes=6, batch=4,
                          show=gh.watch_translation(own, a, b))  # fmt: skip
    for step, real in own_run:
        loss_d, loss_g = translation_step(real, own, own_opts, own_kept)
        own_run.log(loss_d=loss_d, loss_g=loss_g)

# %% [markdown]
# For hours instead of minutes, from a terminal in a clone: `.venv/bin/python -m gan_helpers train cyclegan --set a=horses --set b=zebras
# --folder mine`; `mine` is where the weights go.
#
# ## In this notebook we have
#
# * trained two translators from two heaps without a pair;
# * seen what $D$ alone lets pass, and what the way back, a memory and the identity loss add;
# * measured what a translation keeps, where the drawing knows the answer;
# * found what the cycle loss cannot see.
#
# **Read on**: Zhu et al. 2017, *Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial Networks*; Isola et al. 2017, *Image-to-Image
# Translation with Conditional Adversarial Networks*; Mao et al. 2017, *Least Squares Generative Adversarial Networks*; Shrivastava et al. 2017,
# *Learning from Simulated and Unsupervised Images through Adversarial Training*; Ulyanov et al. 2016, *Instance Normalization*; Chu et al.
# 2017, *CycleGAN, a Master of Steganography*.
