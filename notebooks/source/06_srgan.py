# %% [markdown]
# # 06 · Where do the details come from when a small picture becomes large?
#
# **Afterwards you can** build a network that enlarges photos: residual blocks, PixelShuffle; train it by pixels, by what another network
# sees, and against a discriminator; and say why the best score and the best looks part ways.
#
# **You need** lessons 03 and 04: the GAN's losses and steps, convolutions, BatchNorm. **Time** 15 minutes with the group (sections 1 to 4),
# then 40 at your own pace. Nothing is downloaded: the photos lie inside installed packages.
#
# Every exercise is checked at once. If yours is not right yet, the lesson goes on with ours.

# %% tags=["nbval-ignore-output"]
import copy
import time
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import nn

import gan_helpers as gh
from gan_helpers import plots
from gan_helpers.datasets.photos import load_photos, random_crops
from gan_helpers.models.mlp_gan import GAN, discriminator_loss, generator_loss
from gan_helpers.models.srgan import ADVERSARIAL_WEIGHT, CROP, Alone, SRDiscriminator, adam, moved, total_variation
from gan_helpers.pixels import as_bytes, as_floats, enlarge, shrink
from gan_helpers.sr_scores import psnr, score_enlargement
from gan_helpers.train_srgan import ENDS, LEFT_OUT, SHIPPED, whole_photo
from gan_helpers.variations import varied
from gan_helpers.weights import card

runtime = gh.start(seed=6)

# %% [markdown]
# ## 1. Four times as many pixels (3 min)
#
# Thirteen real photos. One, the cat (`chelsea`), is kept out: no network has seen a hair of it before it is shown on it. Cut so that four
# divides its sides and shrunk to a quarter of its height and width, it has one pixel where there were sixteen. Enlarging it is easy
# (*bicubic* interpolation lays smooth curves through the pixels that are left); bringing back what is gone, **super-resolution**, is not.

# %%
photos = load_photos()
for name, photo in photos.items():
    print(f"{name:21} {photo.image.shape[2]} x {photo.image.shape[1]}   {photo.credit()}")
real = whole_photo(LEFT_OUT)  # (1, 3, H, W) in [-1, 1]
small = shrink(real)  # (1, 3, H/4, W/4)
bicubic = as_floats(as_bytes(enlarge(small)))  # as a file would hold it
print(LEFT_OUT, tuple(real.shape), "->", tuple(small.shape))

# %% [markdown]
# Move the slider; choose what stands left and right of it, and how large. **Predict first**: at zoom 8, where will you see the
# difference most, in the eye or in the fur?

# %% tags=["nbval-ignore-output"]
blocks = F.interpolate(small, scale_factor=4)  # each small pixel as a square
plots.compare_pictures(
    {"small": blocks[0], "bicubic": bicubic[0], "original": real[0]}, left="bicubic", right="original"
)

# %% [markdown]
# **PSNR** says in dB how little two pictures differ: $10 \log_{10}(255^2 / \text{mean squared difference})$, of the brightness, without 4 pixels
# at each edge (Ledig et al. 2017, section 3.1). 3 dB more is half the squared error. **SSIM** compares how the brightness varies from place
# to place, 1 at best (Wang et al. 2004); it comes in section 6.

# %%
print(f"bicubic against the original: {psnr(bicubic, real):.2f} dB")

# %% [markdown]
# ## 2. More pixels out of channels (4 min)
#
# Lesson 04 grew pictures by transposed convolutions. Here a convolution makes four times as many *channels*, cheaply, at the small size,
# and **PixelShuffle** (Shi et al. 2016) lays the four numbers of a place out as a square of 2 x 2 pixels. Nothing is computed, only moved.
#
# ### Exercise: PixelShuffle (3 min)
#
# Maps `(N, C f², H, W)` become `(N, C, f H, f W)`. `squares` has an axis for each part; bring them into an order in which the rows mesh with the
# first `f`, the columns with the second, and join them. Two calls are enough, no loop.


# %%
# exercise: gan_helpers.models.srgan.pixel_shuffle
def pixel_shuffle(maps, factor=2):
    n, channels, height, width = maps.shape
    squares = maps.view(n, channels // factor**2, factor, factor, height, width)  # (N, C, f, f, H, W)
    return ...


# %%
pixel_shuffle = gh.check("pixel_shuffle")
print(pixel_shuffle(torch.arange(4.0).view(1, 4, 1, 1)))

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: write the six axes on the board with their numbers, and below them the order wanted: N, C, H, f, W, f.
# >
# > **Common wrong answer**: `reshape` alone. It has the right shape, and the picture is stripes. The check says so.

# %% [markdown]
# ## 3. Blocks that add (4 min)
#
# A deep network of plain layers is hard to train. In a **residual block** (He et al. 2016) the layers only make what is *added* to their
# input, and the gradient has a way past them to the blocks below.
#
# ### Exercise: the branch that adds (3 min)
#
# As in figure 4 of Ledig et al.: a convolution of 3 x 3 that keeps the size, batch normalisation, PReLU (a LeakyReLU that learns by how much),
# and a convolution and batch normalisation once more. No bias in front of a normalisation, which would take it out again.


# %%
# exercise: gan_helpers.models.srgan.residual_branch
def residual_branch(width):
    return nn.Sequential(...)


# %%
residual_branch = gh.check("residual_branch")

# %%
# show: gan_helpers.models.srgan.ResidualBlock


# show: gan_helpers.models.srgan.UpscaleBlock

# %% [markdown]
# The generator: a convolution, the blocks, a long skip over all of them, two stages of PixelShuffle, a convolution. In the paper 16 blocks of 64
# channels and ends of 9 x 9; here 8 of 32 and 5 x 5, so that it learns in minutes. One thing is ours, not the paper's: `over_bicubic` adds all
# this to the bicubic enlargement, so that the untrained network is bicubic, and every step goes into what that lacks (a global skip,
# Kim et al. 2016). There is no $z$: the small picture decides everything.

# %%
# show: gan_helpers.models.srgan.SRGenerator

# %%
generator = gh.place(SRGenerator(SHIPPED.width, SHIPPED.blocks, ends=ENDS, over_bicubic=True))
print(f"{sum(p.numel() for p in generator.parameters()):,} numbers to learn; the paper's: "
      f"{sum(p.numel() for p in SRGenerator().parameters()):,}")  # fmt: skip

# %% [markdown]
# ## 4. SRResNet: by the pixels (4 min)
#
# First without a discriminator: the mean squared error of the pixels. Out of the other twelve photos 3,000 random squares of 64 pixels are cut.
# Each step takes 16 of them, shrinks them, and asks for them back. Twelve photos are few. So `varied` lets colours change places, tints,
# makes negatives, and blends squares with each other: edges and textures stay (after Yoo et al. 2020). `Alone` is what `GAN` is for two: the
# network by its name, or its optimizer.

# %%
# show: gan_helpers.models.srgan.pixel_loss


# show: gan_helpers.models.srgan.pixel_step

# %% tags=["nbval-ignore-output"]
others = [photo.image for photo in load_photos(without=LEFT_OUT).values()]
crops = random_crops(others, 3000, size=CROP)  # (3000, 3, 64, 64) uint8
nets = Alone(generator)
opts = Alone(adam(generator, 5e-4))
part = real[..., 60:220, 150:310]  # the left eye, of the photo that is kept out

# %% [markdown]
# **Think while it trains**, three minutes: run both cells now, and answer the question meanwhile.

# %%
gh.quiz("blurred")

# %% tags=["nbval-ignore-output"]
run = gh.training(crops, nets, opts, minutes=3, batch=16, show=gh.watch_enlargement(nets, part))
for step, real_crops in run:
    run.log(loss_g=pixel_step(varied(real_crops), nets, opts))

# %% tags=["nbval-ignore-output"]
by_pixels = as_floats(gh.upscaled(small[0], generator))
print(f"bicubic {psnr(bicubic, real):.2f} dB, yours {psnr(by_pixels[None], real):.2f} dB")
plots.compare_pictures({"bicubic": bicubic[0], "yours": by_pixels, "original": real[0]}, left="yours", right="original")

# %% [markdown]
# What we saw: edges are sharper than bicubic's, and the number says so. The fur is still a wash. It is not a matter of patience: where many
# originals shrink to the same small picture, the smallest squared error has their mean.
#
# ## 5. Another judge: content (at home, 10 min)
#
# A network that was trained to tell a thousand kinds of things from each other has learned to look at edges, textures and parts, and not to mind
# where exactly a hair lies. So compare what *it* sees, of the enlargement and of the original. The paper takes VGG19 (a download of
# 548 MB; `gh.content_network("vgg19")` does it); here the first three stages of EfficientNet-Lite0, which is installed, stand in. Each stage is
# scaled so that for bicubic pictures its part of the loss is as large as the pixel loss; in the paper, too, features are divided by a
# number, 12.75, to bring their loss to the size of the pixel loss.

# %% tags=["nbval-ignore-output"]
look = gh.content_network()
shown = {"original": part[0], "bicubic": enlarge(shrink(part))[0]}
where = next(generator.parameters()).device
seen = {name: look(picture[None].to(where)) for name, picture in shown.items()}
plots.show_feature_maps(shown, {name: maps[0][0, :8] for name, maps in seen.items()})

# %% [markdown]
# What we saw: some maps answer to edges of one direction, some to light and dark. In those that answer to fine texture the bicubic picture has
# next to nothing to say: there is what is missing.

# %%
gh.quiz("which_original")

# %% [markdown]
# ### Exercise: the content loss (3 min)
#
# `seen_in_large` and `seen_in_real` are lists of feature maps, one of each layer looked at. The mean squared difference of each pair, summed.


# %%
# exercise: gan_helpers.models.srgan.content_loss
def content_loss(seen_in_large, seen_in_real):
    return ...


# %%
content_loss = gh.check("content_loss")

# %% [markdown]
# ## 6. And a discriminator (at home, 15 min)
#
# The content loss has its mean, too: not of the pixels of all furs that are possible, but of what the network sees in them. What makes $G$
# decide for *one* of them is a discriminator, which only asks whether it is looking at a photo. The loss of **SRGAN**, the super-resolution
# GAN, is the content plus a little, a thousandth, of the adversarial loss of lesson 03.
#
# ### Exercise: the weighted sum (2 min)


# %%
# exercise: gan_helpers.models.srgan.perceptual_loss
def perceptual_loss(content, fake_logits, weight=ADVERSARIAL_WEIGHT):
    return ...


# %%
perceptual_loss = gh.check("perceptual_loss")

# %% [markdown]
# $D$: eight convolutions, every second one with stride 2. Its turn is that of lesson 03; in $G$'s turn both pictures are shown to the content network
# moved by a random few pixels (`moved`; not in the paper): our content network halves pictures early, and is blind to some patterns that sit
# at every second pixel. For the same reason it looks at them at twice their size.

# %%
# show: gan_helpers.models.srgan.sr_discriminator_step

# %%
# show: gan_helpers.models.srgan.sr_generator_step

# %% [markdown]
# SRGAN starts from SRResNet (section 3.2 of the paper: so it does not get stuck early), here from a copy of yours. `eval()` leaves $G$'s
# batch normalisation as SRResNet's training left it (ours, not the paper's): so $D$ judges what the finished network would make of each
# square, and not what depends on the other squares of the batch.

# %%
gan = GAN(copy.deepcopy(generator).eval(), gh.place(SRDiscriminator(CROP, SHIPPED.discriminator)))
gan_opts = GAN(*(adam(net, 1e-4) for net in gan))

# %% [markdown]
# Four minutes.

# %% tags=["nbval-ignore-output"]
gan_run = gh.training(crops, gan, gan_opts, minutes=4, batch=16, seed=1, show=gh.watch_enlargement(gan, part))
for step, real_crops in gan_run:
    real_crops = varied(real_crops)
    fake = gan.generator(shrink(real_crops))
    loss_d = sr_discriminator_step(real_crops, fake, gan, gan_opts)
    loss_g = sr_generator_step(real_crops, fake, gan, gan_opts, look)
    gan_run.log(loss_d=loss_d, loss_g=loss_g)

# %% tags=["nbval-ignore-output"]
against_d = as_floats(gh.upscaled(small[0], gan.generator))
print("by pixels", score_enlargement(by_pixels[None], real))
print("against D", score_enlargement(against_d[None], real))
mine = {"by pixels": by_pixels, "against D": against_d, "original": real[0]}
plots.compare_pictures(mine, left="by pixels", right="against D", zoom=4)

# %% [markdown]
# What we saw: four minutes are 70 to 430 steps, as the machine and what else runs on it allow. In five runs PSNR fell by 0.1 to 0.5 dB and SSIM by
# a hundredth or more; of the two distances (explained next) that of features grew, that of texture went either way. $D$ has only just learned
# what an enlargement looks like, and on a few photos `loss_d` goes down in fits. The networks that ship had a thousand steps of four times
# as many squares.
#
# ## 7. The number against the eye (at home, 10 min)
#
# The networks that ship learned on the same twelve photos, but for longer, on a GPU: SRResNet by pixels, then from it one by content, and SRGAN.
# A fourth is a *blend*: the weights of SRResNet, moved 70 % of the way to those of SRGAN (network interpolation, Wang et al. 2018).
#
# Beside PSNR and SSIM stand two distances (0 at best) in the eyes of another network, EfficientNet-Lite2. Nothing here was trained by it; but
# it is a cousin of the content network, and may like what that one likes.
#
#
# * the **feature distance** compares what it sees place by place (Zhang et al. 2018, without the weights that they learned from people's
#   answers);
# * the **texture distance** compares only how strongly each feature varies over the picture, wherever (a term of SSIM, on features).
#
# **Predict first**: which of the two will be kinder to SRGAN?

# %% tags=["nbval-ignore-output"]
made = {"bicubic": bicubic[0]}
made |= {name: gh.upscale(small, "photos", name)[0] for name in ("resnet", "content", "gan", "blend")}
scores = {name: score_enlargement(picture[None], real) for name, picture in made.items()}
for name, score in scores.items():
    print(f"{name:8} {score}")
plots.compare_pictures(made | {"original": real[0]}, left="resnet", right="gan", zoom=4)

# %% [markdown]
# What we saw: by content alone the cat is nearest of all by the feature distance, and its PSNR is that of bicubic again.
#
# **Is it only the cat?** The cat and five more photos, each enlarged by networks that were trained on the other twelve. That took hours of a
# GPU's time, so these are stored numbers, without the network trained by content:

# %%
left_out = card("srgan_left_out")["scores"]
for name, row in left_out.items():
    print(name)
    for how, score in row.items():
        print(f"    {how:8} {score['psnr']:.2f} dB   features {score['distance']:.3f}   texture {score['texture']:.2%}")
print("mean of the six")
for how in row:
    psnrs, features, textures = (
        sum(scores[how][what] for scores in left_out.values()) / len(left_out)
        for what in ("psnr", "distance", "texture")
    )
    print(f"    {how:8} {psnrs:.2f} dB   features {features:.3f}   texture {textures:.2%}")

# %% [markdown]
# What we saw: on each of the six SRResNet has the highest PSNR, and SRGAN the texture that is most like the photo's. By the feature distance SRGAN wins
# on three and loses on three: what it draws is of the right kind, but not always in the right place. The blend is at least as near as SRResNet
# on all six, for 0.14 dB in the mean. No single number says which is best: it depends on whether you ask for what was there or for what could have
# been (Blau & Michaeli 2018 prove that beyond a point you cannot have more of one without less of the other).

# %% [markdown]
# **A blind vote.** Cuts of the same places, by all of them and the original, in random order. Give 1 for bad to 5 for excellent; in the paper 26
# people did. Your mean opinion scores appear at the end, beside PSNR.

# %%
gh.vote(made | {"original": real[0]}, {name: score.psnr for name, score in scores.items()})

# %% [markdown]
# ## 8. The finale: from a caption to a large picture (at home, 5 min)
#
# Lesson 05 made 64 pixels of a sentence. Networks that learned from drawn food (again a blend) make 256 of them. Some of the small pictures
# they learned from were spoilt in the way of lesson 05's GAN, lines bent and colours mottled.

# %% tags=["nbval-ignore-output"]
began = time.perf_counter()
drawn = gh.draw(["a whole pepperoni pizza on a white plate"])
large = gh.upscale(drawn, "food")
print(f"{time.perf_counter() - began:.2f} seconds, {tuple(drawn.shape)} -> {tuple(large.shape)}")
plots.compare_pictures({"bicubic": enlarge(drawn)[0], "enlarged": large[0]}, left="bicubic", right="enlarged")

# %% [markdown]
# What we saw: no more steps of single pixels at edges. What was wrong stays wrong, only crisper: a network that enlarges has not read the
# caption.
#
# From a terminal (in a clone, with the Python of its `.venv`): `.venv/bin/python -m gan_helpers sample "a whole pepperoni pizza on a white
# plate" --upscale 4 -o pizza.png`, and for a photo of your own `.venv/bin/python -m gan_helpers upscale photo.jpg -o large.png`. A JPEG saved
# small has squares and specks in it that the network takes for texture: start from the best file you have.
#
# With COCO's photos (`python -m gan_helpers data coco --size 256`) section 4 learns from hundreds of photos instead of twelve: put
# `others = gh.load_coco(size=256, n=500).images` there, and run again from the cell that makes `generator` on.
#
# **Think of it before you use it**: what SRGAN draws into a picture is plausible, not true. A number plate, a face or a lump in an X-ray that was not in
# the small picture is not in the large one either, whatever it looks like.
#
# ## In this notebook we have
#
# * laid channels out as pixels, and built blocks that add;
# * trained by pixels, by what another network sees, and against a discriminator;
# * seen the best PSNR and the best looks part ways, and asked our own eyes;
# * enlarged a picture that was a sentence before.
#
# **Read on**: Ledig et al. 2017, *Photo-Realistic Single Image Super-Resolution Using a Generative Adversarial Network*; Shi et al. 2016, *Real-Time
# Single Image and Video Super-Resolution Using an Efficient Sub-Pixel Convolutional Neural Network*; He et al. 2016, *Deep Residual Learning for
# Image Recognition*; Kim et al. 2016, *Accurate Image Super-Resolution Using Very Deep Convolutional Networks*; Johnson et al. 2016,
# *Perceptual Losses for Real-Time Style Transfer and Super-Resolution*; Zhang et al. 2018, *The Unreasonable Effectiveness of Deep Features as a
# Perceptual Metric*; Wang et al. 2018, *ESRGAN*; Yoo et al. 2020, *Rethinking Data Augmentation for Image Super-resolution*; Tan & Le 2019, *EfficientNet*; Wang et al.
# 2004, *Image Quality Assessment*; Blau & Michaeli 2018, *The Perception-Distortion Tradeoff*.
