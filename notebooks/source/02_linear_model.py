# %% [markdown]
# # 02 · How does a model learn, and what is a GPU good for?
#
# **Afterwards you can** write a linear model, a loss and a training loop by hand and with `torch.optim`, choose a learning
# rate, say when a GPU pays off, and stack layers into a network that reads digits, yours among them.
#
# **You need** lesson 01. **Time** 20 minutes with the group (sections 1 to 4), 35 at your own pace. Nothing is downloaded.

# %% tags=["nbval-ignore-output"]
import torch
import torch.nn.functional as F
from torch import nn

import gan_helpers as gh
from gan_helpers import plots

runtime = gh.start(seed=2)

# %% [markdown]
# ## 1. A model is a function with numbers to choose (4 min)
#
# A **linear model** multiplies its inputs by weights, adds a bias, and that is all. With one input and one output it is a
# line, $\hat y = w x + b$; with many of each, row $j$ of the weight matrix makes output $j$:
#
# $$\hat Y = X W^T + b$$
#
# ### Exercise: nn.Linear by hand (3 min)
#
# `x` is (N, inputs), `weight` (outputs, inputs), `bias` (outputs,). The sign `@` multiplies matrices: (N, K) @ (K, M) gives
# (N, M), so the inner sizes must be equal. `.T` swaps rows and columns.


# %%
# exercise: gan_helpers.models.linear_model.linear
def linear(x, weight, bias):
    return ...  # (N, outputs)


# %%
linear = gh.check("linear")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: write the three shapes on the board and cross out the inner pair.
# >
# > **Common wrong answer**: `x @ weight + bias`, which fails for all but square weights; the check meets both cases.

# %%
layer = nn.Linear(784, 10)  # 784 pixels in, 10 numbers out
x = torch.rand(5, 784)
print(tuple(layer.weight.shape), tuple(layer.bias.shape))
print("by hand equals nn.Linear:", torch.allclose(linear(x, layer.weight, layer.bias), layer(x), atol=1e-5))

# %% [markdown]
# ## 2. A loss measures how wrong (4 min)
#
# Below are 60 points whose **ground truth** we know, because we made them: $y = 1.5\,x - 0.5$ and a little noise. The model
# does not know these two numbers. It has to find them from the points.

# %%
x = torch.rand(60) * 4 - 1  # (N,) in [-1, 3]
y = 1.5 * x - 0.5 + 0.3 * torch.randn(60)  # (N,)

# %% [markdown]
# ### Exercise: the mean squared error (3 min)
#
# The mean of the squared differences between prediction and truth. And remember lesson 01: shapes (N, 1) and (N,) would
# broadcast without a word. So raise a `ValueError` when the two shapes differ.


# %%
# exercise: gan_helpers.models.linear_model.mean_squared_error
def mean_squared_error(predicted, truth):
    if ...:  # the shapes differ
        raise ValueError(f"predicted has shape {tuple(predicted.shape)}, but truth {tuple(truth.shape)}.")
    return ...


# %%
mean_squared_error = gh.check("mean_squared_error")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: errors 0, -2 and 3 have squares 0, 4 and 9, whose mean is 13/3.
# >
# > **Common wrong answer**: no test of the shapes. `F.mse_loss` itself only warns. The number it gives is plausible, falls
# > during training, and is wrong.

# %%
for name, w, b in [("a flat line", 0.0, 0.0), ("a guess", 1.0, 0.0), ("the truth", 1.5, -0.5)]:
    print(f"{name:12} loss {mean_squared_error(w * x + b, y):.3f}")

# %% [markdown]
# What we saw: even the truth has a loss above 0: it is the noise, 0.3 squared and a little luck. No line can do much
# better, and a model that did would have learned the noise by heart.
#
# ## 3. Down the slope (6 min)
#
# The loss is a landscape over the two numbers `w` and `b`. We stand somewhere, feel the slope, and take a step downhill:
#
# $$w \leftarrow w - \eta \, \frac{\partial L}{\partial w}$$
#
# where $\eta$ is the **learning rate**.
#
# ### Exercise: a step of gradient descent (4 min)
#
# `torch.autograd.grad(loss, parameters)` gives the slopes as a list, without touching `.grad`. Move every parameter in place,
# with `-=`; inside `torch.no_grad()`, because the move itself is no part of the model.


# %%
# exercise: gan_helpers.models.linear_model.descent_step
def descent_step(parameters, loss, learning_rate):
    gradients = torch.autograd.grad(loss, parameters)
    with torch.no_grad():
        for parameter, gradient in zip(parameters, gradients, strict=True):
            ...


# %%
descent_step = gh.check("descent_step")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: which way does the slope point, up or down?
# >
# > **Common wrong answer**: `parameter = parameter - learning_rate * gradient`, which makes a new tensor and leaves the model
# > where it was. The check says that nothing moved.

# %%
w, b = torch.tensor(-2.0, requires_grad=True), torch.tensor(2.0, requires_grad=True)
for step in range(101):
    loss = mean_squared_error(w * x + b, y)
    descent_step([w, b], loss, learning_rate=0.1)
    if step % 20 == 0:
        print(f"step {step:3}  loss {loss:.3f}  w {w:.2f}  b {b:.2f}")

# %% [markdown]
# What we saw: from a bad guess to the lowest loss there is. That is near the numbers that made the points, w = 1.5 and
# b = -0.5, and not quite there: with its noise, the best line through *these* 60 points is another one.
#
# **Predict first.** A larger learning rate takes larger steps. Is larger always faster?

# %%
gh.quiz("rate_too_large")

# %%
gh.explore_learning_rate(x, y)

# %% [markdown]
# What we saw: small rates crawl; somewhere in between it goes straight down; then the path zigzags across the valley; and
# beyond a limit each step lands higher than it began: it **diverges**. This loss is a bowl whose curvature is the same
# everywhere, and the limit is known: 2 divided by the largest curvature (it follows from the second-order expansion in
# Goodfellow et al. 2016, section 4.3.1). For deep networks nobody knows it beforehand: too large a rate shows as a loss
# that explodes or becomes NaN.
#
# ## 4. The same with PyTorch's own parts (5 min)
#
# `nn.Linear` holds weights, `torch.optim` steps. The four moves of a training step are the same in every lesson to come:
# predict and compare, clear the old slopes (the optimizer has `zero_grad` for it), compute the new ones (`backward`), step (with the
# optimizer's `step`).
#
# ### Exercise: a training step (3 min)


# %%
# exercise: gan_helpers.models.linear_model.train_step
def train_step(model, optimizer, x, truth, loss_of):
    loss = loss_of(model(x), truth)
    ...  # clear the old slopes
    ...  # compute the new ones
    ...  # step
    return loss.detach()


# %%
train_step = gh.check("train_step")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: lesson 01 had all three: slopes add up, so clear; `backward`; and the step is the function above.
# >
# > **Common wrong answer**: `optimizer.zero_grad` without parentheses: no error, nothing cleared. The check says so.

# %%
model = nn.Linear(1, 1)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(60):
    loss = train_step(model, optimizer, x[:, None], y[:, None], mean_squared_error)
weight, bias = model.weight.item(), model.bias.item()
print(f"w {weight:.1f}, b {bias:.1f}, loss {loss:.2f}")

# %% [markdown]
# ## 5. What is a GPU good for? (5 min, or at home)
#
# A product of two n x n matrices is n² sums that do not depend on each other: all could be computed at once. A processor
# has a few fast cores; a GPU has thousands of slower ones. What moves there is the model (`model.to(device)`) and each
# batch (`x.to(device)`), and each move costs time.
#
# **Predict first**, then measure on this machine.

# %%
gh.quiz("when_gpu")

# %% tags=["nbval-ignore-output"]
plots.plot_products(gh.time_products())

# %% [markdown]
# What you see: twice the size is eight times the multiplications, once the products are large; for small ones most of the
# time goes into calling anything at all. **With a GPU here**, its lines start higher, since every call and every transfer
# has a price, and from some size on they lie lower; the dotted line marks where. **Without one**, you see the processor's half, and we
# show no numbers that were not measured here. To see the other half, open this notebook in Colab, choose *Runtime > Change
# runtime type > GPU*, and run it.
#
# Why do the processor's cores not do the same? They do, a few at a time. The next cell gives PyTorch one thread, then one
# for each core. (If more threads are not faster here, another program holds a core, and they wait for each other. So the
# lessons leave one core to your browser.)

# %% tags=["nbval-ignore-output"]
a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
for threads in (1, gh.ALL_THREADS):
    print(
        f"{threads} thread(s): {1000 * gh.seconds_of(lambda: a @ b, threads=threads):.1f} ms for a 1024 x 1024 product"
    )

# %% [markdown]
# The same training, wherever the fastest device is. Three calls of `.to(device)` do it: for the model, and
# for each of the two tensors.

# %%
device = runtime.device
model = nn.Linear(1, 1).to(device)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
x_there, y_there = x[:, None].to(device), y[:, None].to(device)
for step in range(60):
    train_step(model, optimizer, x_there, y_there, mean_squared_error)
print(
    f"w {model.weight.item():.1f}, b {model.bias.item():.1f}; same kind of device:", x_there.device.type == device.type
)

# %% [markdown]
# ## 6. More layers: a network that reads digits (11 min, or at home)
#
# Two linear layers in a row are one linear layer: $W_2 (W_1 x) = (W_2 W_1) x$. Something that bends must stand between
# them, such as `nn.ReLU()`, which makes negative numbers 0. Then the network can draw curved borders.
#
# ### Exercise: the network (3 min)
#
# A picture (1, 28, 28) becomes a row of 784 pixels (`nn.Flatten()`), then `hidden` numbers, then 10 **logits**, one for each
# digit: the largest is the answer. No softmax at the end: the loss has it.


# %%
# exercise: gan_helpers.models.linear_model.build_classifier
def build_classifier(hidden=128):
    return nn.Sequential(nn.Flatten(), ...)  # a layer, something that bends, a layer


# %%
build_classifier = gh.check("build_classifier")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: `nn.Sequential` takes the layers in order, separated by commas.
# >
# > **Common wrong answer**: the ReLU after the last layer, so that no logit can be negative; or none at all, which the check
# > finds out by behaviour: f(x) + f(-x) = 2 f(0) holds for layers without a bend, and not with one.

# %% [markdown]
# ### Exercise: how many are right? (2 min)
#
# `logits.argmax(1)` says where the largest number of each row stands.


# %%
# exercise: gan_helpers.models.linear_model.accuracy
def accuracy(logits, labels):
    return ...  # the share of right answers, in [0, 1]


# %%
accuracy = gh.check("accuracy")

# %% [markdown] tags=["instructor"]
# > **If they are stuck**: `==` gives True and False, and `.float()` makes them 1 and 0.
# >
# > **Common wrong answer**: `argmax(0)`, or the sum in place of the mean.

# %%
digits, held_out = gh.load_digits(), gh.load_digits("held-out")
train_images = (digits.images.float() / 127.5 - 1).to(device)  # (4000, 1, 28, 28) in [-1, 1]
test_images = (held_out.images.float() / 127.5 - 1).to(device)  # (1000, 1, 28, 28)
train_labels, test_labels = digits.labels.to(device), held_out.labels.to(device)

# %%
network = build_classifier().to(device)
optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
for epoch in range(20):
    for rows in torch.randperm(len(train_images), device=device).split(128):
        train_step(network, optimizer, train_images[rows], train_labels[rows], F.cross_entropy)
with torch.no_grad():
    share = accuracy(network(test_images), test_labels)
print("at least nine of ten held-out digits read right:", bool(share > 0.9))

# %% [markdown]
# What we saw: the same `train_step`, another model and another loss. `F.cross_entropy` compares ten logits with the right
# digit. The digits it is asked about are *held out*: it has never seen them.
#
# Most of its mistakes can be mended by a thought: a digit moved by one pixel is the same digit. So each batch is moved a
# little, at random, as if we had more pictures. (For digits, Simard et al. 2003 call a training set enlarged by distortions
# the most important practice.) The network is wider now, and its learning rate falls as it goes.

# %%
network = build_classifier(256).to(device)
optimizer = torch.optim.Adam(network.parameters(), lr=3e-3)
schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1, 0.02, total_iters=50)
for epoch in range(50):
    for rows in torch.randperm(len(train_images), device=device).split(128):
        moved = train_images[rows].roll(torch.randint(-1, 2, (2,)).tolist(), (2, 3))  # up or down, left or right
        train_step(network, optimizer, moved, train_labels[rows], F.cross_entropy)
    schedule.step()
with torch.no_grad():
    share = accuracy(network(test_images), test_labels)
print("at least 96 of 100 held-out digits read right:", bool(share > 0.96))

# %% [markdown]
# ### Your own digit
#
# Draw one. What the network sees is fitted into 20 x 20 pixels and put with its centre of mass in the middle of 28 x 28, as
# the digits it learned from were; so a 7 hangs low.

# %%
gh.draw_digit(network)

# %% [markdown]
# **Try**: a 7 with and without a bar, a digit on its side, a letter. It always answers with one of the ten: nobody taught it
# to say "none of these". Remember that in lesson 03, where a classifier shall judge what a generator makes.

# %% tags=["nbval-ignore-output"]
with torch.no_grad():
    answers = network(test_images).argmax(1)
wrong = (answers != test_labels).nonzero()[:, 0][:10]
print(f"{(answers == test_labels).float().mean():.1%} right; some of the others, with what it said:")
plots.show_images(held_out.images[wrong.cpu()], labels=[f"{answer}?" for answer in answers[wrong].tolist()])

# %% [markdown]
# ## In this notebook we have
#
# * written `nn.Linear`, a loss and gradient descent by hand, and then used PyTorch's own;
# * seen a learning rate crawl, arrive, and diverge, and known the limit beforehand;
# * measured on this machine what a product of matrices costs, and where a GPU, if there is one, pays off;
# * stacked two layers with a bend between, enlarged the training set by moving it, and had our own handwriting read.
#
# **Next**: lesson 03 has two networks, and one of them gets no answer sheet.
#
# **Read on**: Goodfellow, Bengio and Courville 2016, *Deep Learning*, chapters 4 to 6; LeCun et al. 1998, *Gradient-Based
# Learning Applied to Document Recognition* (the digits, and how they were centred); Simard, Steinkraus and Platt 2003, *Best
# Practices for Convolutional Neural Networks Applied to Visual Document Analysis*.
