# %% [markdown]
# # 00 · Is this machine ready, and what shall we build?
#
# **Afterwards you can** tell whether your computer is ready for the workshop, run cells, answer exercises, and stop or
# steer a training while it runs.
#
# **You need** some Python; no GPU, no network. **Time** 5 minutes with the group, 10 alone.
#
# A notebook is made of cells. Click into the grey one below and press **Shift + Enter**: it runs, and the next cell is
# chosen. The number in brackets appears when it has finished; `[*]` means that it is running.

# %% tags=["nbval-ignore-output"]
import torch

import gan_helpers as gh
from gan_helpers import plots

runtime = gh.start(seed=0)

# %% [markdown]
# That line says what this notebook computes on: a GPU, if there is one, else the processor; all lessons run on either.
# *float32* are the numbers it computes with; *bfloat16*, shorter ones, where the machine is faster with them. *Pace workshop* means
# that trainings take minutes; the *seed* is where the random numbers begin, so that a run can be repeated.
#
# ## 1. Is this machine ready? (1 min)
#
# The doctor looks at Python, packages, memory, disk, the weights that ship with the course, and trains a small GAN for
# five seconds to see how fast this machine is. The last line asks your browser whether sliders and buttons work.

# %% tags=["nbval-ignore-output"]
gh.doctor()

# %% [markdown]
# Where it says **→**, do that now, then run the cell again. (In a terminal: `python -m gan_helpers doctor`.)
#
# ## 2. Where this leads: a caption becomes pictures (1 min)
#
# The network below draws what you type: pizza, broccoli, or both. It never saw a photo; it learned from drawings with captions. In lesson
# 05 you build one like it and train it yourself; this one ships with the course.
#
# 1. **Type** a caption of your own. While you type, words below the box suggest how to go on.
# 2. **Predict first**: what will it draw of `pizza with anchovies`, a word it never saw? Then try it.
# 3. Type `a whole pepperoni pizza on a blue plate` again. In the tab *two captions*, drag the slider. Will the pictures jump, or
#    change bit by bit?

# %%
gh.text_playground(caption="a whole pepperoni pizza on a blue plate")

# %% [markdown]
# What we saw: of anchovies it makes a pizza with things on it, and says which word it does not know. Between two captions the pictures
# change bit by bit, and halfway lies food that is neither. Why that is so is the subject of the lessons.
#
# ## 3. An exercise, wrong on purpose (2 min)
#
# Pictures are numbers: here -1 is black, 0 grey and 1 white. The function below should make a picture lighter by adding
# `amount` to every pixel.
#
# 1. Run the two cells as they are. The second one says *not yet*, and goes on with a function of ours.
# 2. Put `image + amount` in place of `...`, run both again, and read what is wrong with it.
# 3. Mend it. Hints come one by one, with each further attempt.


# %%
# exercise: gan_helpers.tensors.brighten
def brighten(image, amount):
    return ...  # one line


# %%
brighten = gh.check("brighten")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: what is 0.75 + 0.5, and is there a white whiter than 1?
# >
# > **Common wrong answer**: `image + amount`. The check says: "Pixels should stay in [-1, 1], and yours go from -0.5 to
# > 1.5: nothing is whiter than 1. Clamp what you return." That is the point of the exercise: the error is kind, and the lesson goes on.

# %%
digits = gh.load_digits()  # 4,000 real handwritten ones
sevens = digits.images[digits.labels == 7][:5].float() / 127.5 - 1

plots.show_images(
    torch.cat([sevens, brighten(sevens, 0.6), brighten(sevens, -0.6)]),
    columns=5,
    title="real, lighter, darker",
)

# %%
gh.quiz("stuck")

# %% [markdown]
# ## 4. A training that listens (1 min)
#
# Below, two networks play against each other in the plane: the orange triangles are moved by a *generator*, and the
# colour is the opinion of a *discriminator*, which tells them from the blue points. What that means comes in lesson 03.
# Here, see that a training can be watched and steered. It takes half a minute on any machine:
#
# * press **Pause**, then **Resume**;
# * drag the learning rate of the generator far to the right, see what happens to the losses, and drag it back to 1.0e-3;
# * press **Stop**; then run the cell again: it goes on where it was.
#
# Where there are no buttons, the notebook's own ■ stops it.

# %% tags=["nbval-ignore-output"]
from gan_helpers.models.mlp_gan import discriminator_step, generator_step, sample_z
from gan_helpers.train import plane_gan

points = gh.target("ring").sample(4096, seed=0)
nets, opts = plane_gan()
z = sample_z(1000, like=points)

# %% tags=["nbval-ignore-output"]
run = gh.training(points, nets, opts, minutes=0.5, show=gh.watch_plane(points, nets, z))
for step, real in run:
    loss_d = discriminator_step(real, nets, opts)
    loss_g = generator_step(real, nets, opts)
    run.log(loss_d=loss_d, loss_g=loss_g)

# %% [markdown]
# ## What we shall build
#
# | lesson | question | afterwards you can |
# |---|---|---|
# | 01 | What is a tensor, and who computes its slopes? | move data between NumPy and PyTorch, use autograd, choose a device |
# | 02 | How does a model learn, and what is a GPU good for? | build a linear model, a loss and a training loop |
# | 03 | Can noise learn to write digits? | build and train a GAN, tell a healthy one from a collapsed one |
# | 04 | Why should a network for pictures know what "next to" means? | build and train a DCGAN, reuse its discriminator |
# | 05 | How can a network draw what a sentence says? | build and train the GAN of section 2, and say how far to trust its score |
# | 06 | Where do the details come from when a small picture becomes large? | build and train a network that enlarges photos, and the pictures of your captions |
# | 07 | Who teaches a network to translate pictures when there are no pairs? | train two translators from two heaps of pictures, and measure what stays |
# | 08 | What is wrong with this GAN? | tell a fault from the losses and the pictures it leaves |
#
# ## In this notebook we have
#
# * asked the doctor whether this machine is ready;
# * typed captions, and seen a generator draw them;
# * answered an exercise wrong and right, and gone on either way;
# * paused, steered and stopped a training while it ran.
#
# **If a cell says `NameError`**, a cell above it has not been run: *Run > Run All Above Selected Cell*.
#
# **If something hangs**: the ■ above stops the running cell; *Kernel > Restart Kernel* starts afresh. Your cells stay,
# their results must be made again from the top (*Run > Run All Cells*).
