# %% [markdown]
# # Playground · Type a caption, get a picture
#
# Pizza, broccoli, or both: type what you want to see. The pictures come from the text-to-image GAN of lesson 05, which
# learned from drawings; what a caption leaves open is up to chance.
#
# * Words that it never saw are named, and the nearest caption it knows is offered.
# * **two captions**: a slider drives from yours to another one. **walk through z**: the caption stays, the random
#   numbers change. **match matrix**: what the discriminator says of several pictures with several captions.
# * *The reader* is a classifier, trained on drawings with their labels: it says what it finds on each picture.

# %%
import gan_helpers as gh

gh.text_playground()
