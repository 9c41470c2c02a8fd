# %% [markdown]
# # 01 · What is a tensor, and who computes its slopes?
#
# **Afterwards you can** move numbers between NumPy and PyTorch and know when they are copied, compute without loops by
# broadcasting, let PyTorch compute slopes and check one by hand, place work on a device, and feed digits to a network in
# batches.
#
# **You need** Python and a little NumPy. **Time** 15 minutes with the group (sections 1, 3 and 5), 30 at your own pace.
# Nothing is downloaded.
#
# Every exercise is checked at once. If yours is not right yet, the lesson goes on with ours.

# %% tags=["nbval-ignore-output"]
import numpy as np
import torch

import gan_helpers as gh
from gan_helpers import plots

runtime = gh.start(seed=1)

# %% [markdown]
# ## 1. One memory, two names (6 min)
#
# NumPy has arrays, PyTorch has **tensors**: the same tables of numbers, which can also lie on a GPU, and which remember
# how they were computed. Between the two there are two ways, and they differ in one thing.

# %%
array = np.array([1.0, 2.0, 3.0])
shared = torch.from_numpy(array)  # the same memory
copied = torch.tensor(array)  # memory of its own
print(shared, copied.shape)

# %% [markdown]
# **Predict first.** We write 99 into the *array*. Which of the two tensors changes?

# %%
array[0] = 99
print("array ", array)
print("shared", shared)
print("copied", copied)

# %% [markdown]
# What we saw: `from_numpy` looks at the array's own memory, `tensor` copies. Sharing costs no time, even for millions of
# pictures; but whoever writes into one writes into the other. The way back, `shared.numpy()`, shares as well.

# %%
back = shared.numpy()
back[1] = -5
array, shared

# %%
gh.quiz("shared_memory")

# %% [markdown]
# ### Types
#
# Each tensor holds one kind of number, its `dtype`. Pictures rest in files as `uint8`, whole numbers from 0 to 255, a
# byte each. NumPy computes in `float64`; networks take `float32`: half the memory, and fast on every device.

# %%
pixels = torch.tensor([0, 128, 255], dtype=torch.uint8)
print(pixels + 1)  # a byte has no 256
print(pixels.float() + 1)
print(torch.from_numpy(np.array([0.5])).dtype, torch.tensor([0.5]).dtype)

# %% [markdown]
# What we saw: 255 + 1 = 0, without a warning: a byte starts over. So: first to float, then compute.
#
# ### Exercise: from files to networks (3 min)
#
# Here are real handwritten digits as a NumPy array. Networks of this course want tensors of shape (N, C, H, W): so many
# pictures, so many channels (1: grey), height, width; as `float32` in [-1, 1]. Black, 0, becomes -1; white, 255, becomes 1.
# `.unsqueeze(1)` puts in an axis of size 1.

# %%
digits = gh.load_digits()
array_of_digits = digits.images[:, 0].numpy()  # (N, 28, 28) uint8 in [0, 255]
print(array_of_digits.shape, array_of_digits.dtype, array_of_digits.min(), array_of_digits.max())


# %%
# exercise: gan_helpers.tensors.to_images
def to_images(array):
    tensor = torch.from_numpy(array)  # (N, H, W) uint8: to float, a new axis, the new range
    return ...


# %%
to_images = gh.check("to_images")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: write the four moves on the board, from NumPy, to float, new axis, new range; one line each is
# > fine.
# >
# > **Common wrong answer**: `torch.from_numpy(array).unsqueeze(1) / 255`, which lies in [0, 1]. The check says where 0 and
# > 255 went. The generator of lesson 03 ends in tanh, so real pictures must have its range; [0, 1] here is a classic reason
# > for a GAN that never works.

# %%
images = to_images(array_of_digits[::400])  # ten of them
print(images.shape, images.dtype, images.min().item(), images.max().item())
plots.show_images(images)

# %% [markdown]
# ## 2. Broadcasting: arithmetic without loops (at home, 10 min)
#
# Two tensors of different shapes can be added when, read from the right, their sizes are equal or one of them is 1. An
# axis of size 1 is *repeated*, without being copied. Below, the pale numbers are the repeated ones.

# %%
column = torch.tensor([[0], [10], [20]])  # (3, 1)
row = torch.tensor([1, 2, 3, 4])  # (4,)
plots.broadcast(column, row)

# %% [markdown]
# **Predict first.** What happens to two tensors of shape (3,) and (3, 1): three sums, or nine?

# %%
plots.broadcast(torch.tensor([1, 2, 3]), torch.tensor([[1], [2], [3]]))

# %% [markdown]
# What we saw: nine. Nobody complains, and that makes it the quietest bug in deep learning: a loss between predictions
# (N, 1) and truths (N,) is a mean over N x N differences. We meet it again in lesson 02.

# %%
gh.quiz("broadcast_shapes")

# %% [markdown]
# ### Exercise: all distances at once (5 min)
#
# How far is each row of `a` from each row of `b`? Let broadcasting make all pairs: indexing with `None` puts in an axis
# of size 1, so `a[:, None]` has shape (N, 1, D). The distance is Pythagoras': square the differences, sum over the
# coordinates, take the root.


# %%
# exercise: gan_helpers.tensors.distances
def distances(a, b):
    differences = ...  # (N, 1, D) - (1, M, D) -> (N, M, D)
    return ...  # (N, M)


# %%
distances = gh.check("distances")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: draw the picture above for points instead of numbers; the third axis holds the coordinates.
# >
# > **Common wrong answer**: `(a - b)...`, which fails for different N and M, or gives N numbers when they happen to be
# > equal. The check meets 3 points with 2.

# %% [markdown]
# With it, a classifier without any training: a digit is what its nearest neighbour is.

# %%
held_out = gh.load_digits("held-out")
known = to_images(array_of_digits).flatten(1)[::4]  # (1000, 784)
asked = held_out.images.flatten(1)[::20].float() / 127.5 - 1  # (50, 784)
nearest = distances(asked, known).argmin(1)  # (50,) row numbers
right = digits.labels[::4][nearest] == held_out.labels[::20]
print(f"{right.sum()} of {len(right)} held-out digits named right by their nearest neighbour")
plots.show_nearest(asked[::5], known[nearest[::5]], distances(asked, known).amin(1)[::5])

# %% [markdown]
# ## 3. Slopes: by hand, and by autograd (6 min)
#
# To learn is to change numbers so that a **loss** gets smaller. Which way is down? The slope says so: the derivative of
# the loss with respect to each number. Take the smallest model there is, $\hat y = w x$, and the mean squared error
#
# $$L(w) = \frac{1}{N} \sum_i (w x_i - y_i)^2.$$
#
# ### Exercise: the slope by hand (2 min)
#
# The chain rule: the derivative of $e^2$ is $2e$, times the derivative of $e = w x - y$ with respect to $w$.


# %%
# exercise: gan_helpers.tensors.slope_by_hand
def slope_by_hand(w, x, y):
    error = w * x - y  # (N,)
    return ...  # the derivative of (error**2).mean() with respect to w


# %%
slope_by_hand = gh.check("slope_by_hand")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: let them do it for one point first, without the mean.
# >
# > **Common wrong answer**: `2 * error.mean()`: the inner derivative x is forgotten. The check names it.

# %% [markdown]
# Now the same without thinking. A tensor with `requires_grad=True` is watched: everything computed from it remembers how.
# `.backward()` walks back along that memory and puts the slope into `.grad`.

# %%
x = torch.tensor([1.0, 2.0, 3.0])
y = torch.tensor([2.0, 4.0, 6.0])  # the truth: w = 2
w = torch.tensor(0.5, requires_grad=True)
loss = ((w * x - y) ** 2).mean()
loss.backward()
print("loss", loss.item(), " autograd", w.grad.item(), " by hand", slope_by_hand(w.detach(), x, y).item())

# %% [markdown]
# What we saw: the same number. The slope is negative: with a larger `w` the loss falls. PyTorch applied the chain rule to
# each operation in turn; for a network of millions of numbers it does exactly that.
#
# ### Slopes add up
#
# **Predict first.** We compute the same loss once more and call `backward()` again. What is in `w.grad` now?

# %%
for turn in range(3):
    ((w * x - y) ** 2).mean().backward()
    print("w.grad", w.grad.item())

# %% [markdown]
# What we saw: `backward` *adds*. That is useful when a loss is computed in parts, and a bug everywhere else: a training
# step that forgets to clear steps along the sum of all slopes it ever saw.
#
# ### Exercise: a clean slope (2 min)
#
# Write a function that gives the gradient of `loss_of(w)`, whatever an earlier call left in `w.grad`. And what it gave must
# not change when it is called again. A slope is forgotten by `w.grad = None`, or set to 0 where there is one by `.zero_()`; `.clone()` is a copy
# with memory of its own.


# %%
# exercise: gan_helpers.tensors.gradient_at
def gradient_at(w, loss_of):
    ...  # forget what w.grad holds
    ...  # backward from loss_of(w)
    return w.grad  # and will this stay as it is?


# %%
gradient_at = gh.check("gradient_at")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: print `w.grad` before and after each line.
# >
# > **Common wrong answer**: `w.grad.zero_()` at the start and `return w.grad` at the end. The check asks twice and finds that the
# > first answer has changed; with `.clone()` at the end it then finds that `zero_()` fails while `w.grad` is still None.

# %%
start = torch.tensor([3.0, -1.0], requires_grad=True)
for _ in range(3):
    print(gradient_at(start, lambda point: (point**2).sum()))

# %% [markdown]
# ## 4. Devices (at home, 5 min)
#
# A tensor lies somewhere: on the processor (`cpu`) or on a GPU (`cuda`, `mps`). Two tensors can only be combined when they
# lie on the same device, and moving takes time. So what is made anew is made where the other numbers are. Every PyTorch
# has a device to practise on: `meta` holds shapes without numbers.

# %%
far = torch.zeros(2, 3, device="meta")
try:
    far + torch.ones(2, 3)
except RuntimeError as error:
    print("not on two devices:", "meta" in str(error))
print((far + torch.ones(2, 3, device=far.device)).device)

# %% [markdown]
# ### Exercise: noise in the right place (3 min)
#
# Add normal random numbers (`torch.randn`) times `amount` to pictures, and keep the result in [-1, 1] with `.clamp(-1, 1)`.
# The noise must be made on the device of the pictures.


# %%
# exercise: gan_helpers.tensors.add_noise
def add_noise(images, amount):
    noise = ...  # as many as images.shape; on which device?
    return ...


# %%
add_noise = gh.check("add_noise")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: `torch.randn` takes a `device=`.
# >
# > **Common wrong answer**: `torch.rand` (uniform in [0, 1], so the picture gets lighter), or noise without `device=`, which
# > works on every laptop in the room and fails on the first GPU.

# %%
plots.show_images(torch.cat([add_noise(images, amount) for amount in (0.0, 0.3, 1.0)]))

# %% [markdown]
# ## 5. Batches (3 min)
#
# A network learns from a few pictures at a time, a **batch**; one pass over all of them is an **epoch**. The order is drawn
# anew in each epoch, so that the network meets other mixtures each time.
#
# ### Exercise: deal the digits (2 min)
#
# `order` holds the row numbers in random order. Give out one batch after the other with `yield`; what is left at the end,
# fewer than `size`, is left out.


# %%
# exercise: gan_helpers.tensors.deal_batches
def deal_batches(array, size):
    order = torch.randperm(len(array)).numpy()
    for first in range(0, len(array) - size + 1, size):
        # Of `order`, take the places `first` to `first + size`; to_images makes the pictures a tensor.
        yield ...


# %%
deal_batches = gh.check("deal_batches")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: `array[order[0:4]]` is a batch of four already.
# >
# > **Common wrong answer**: `array[first : first + size]`: nothing is shuffled, and as these digits are sorted, the first
# > batches hold nothing but zeros. A network forgets each digit while it learns the next.

# %%
batches = list(deal_batches(array_of_digits, 64))
print(len(batches), "batches of", tuple(batches[0].shape))
plots.show_images(batches[0][:20])

# %% [markdown]
# ## In this notebook we have
#
# * shared memory between NumPy and PyTorch, and copied it where we wanted to;
# * made bytes into float32 in [-1, 1], the form that every lesson uses;
# * let broadcasting do the loops, and seen how it hides a bug;
# * computed a slope by hand and by autograd, and cleared slopes that add up;
# * made numbers on the device where they are needed;
# * dealt digits in batches.
#
# **Next**: lesson 02 puts these together: a model, a loss, a training loop.
#
# **Read on**: PyTorch's notes on [broadcasting](https://docs.pytorch.org/docs/stable/notes/broadcasting.html) and
# [autograd](https://docs.pytorch.org/docs/stable/notes/autograd.html); Baydin et al. 2018, *Automatic Differentiation in
# Machine Learning: a Survey*.
