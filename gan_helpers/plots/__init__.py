"""Still pictures. Each function returns a figure, or draws into the `ax` it is given, and leaves pyplot alone."""

from gan_helpers.plots.before_after import compare_pictures
from gan_helpers.plots.broadcast import broadcast
from gan_helpers.plots.comparison import plot_comparison
from gan_helpers.plots.convolution import show_convolution, show_transposed_convolution
from gan_helpers.plots.fault_losses import plot_fault_losses
from gan_helpers.plots.feature_maps import show_feature_maps
from gan_helpers.plots.figures import Picture, new_figure
from gan_helpers.plots.history import compare_losses_with, gradient_of_losses, plot_bars
from gan_helpers.plots.images import images_in, show_images, show_nearest
from gan_helpers.plots.matches import show_match_matrix
from gan_helpers.plots.moving import show_films
from gan_helpers.plots.network import draw_network, draw_text_discriminator, draw_text_generator
from gan_helpers.plots.plane import film, plane_frame, plot_plane, show_planes
from gan_helpers.plots.products import plot_products
from gan_helpers.plots.surface import plot_descent

__all__ = [
    "Picture",
    "broadcast",
    "compare_losses_with",
    "compare_pictures",
    "draw_network",
    "draw_text_discriminator",
    "draw_text_generator",
    "film",
    "gradient_of_losses",
    "images_in",
    "new_figure",
    "plane_frame",
    "plot_bars",
    "plot_comparison",
    "plot_descent",
    "plot_fault_losses",
    "plot_plane",
    "plot_products",
    "show_convolution",
    "show_feature_maps",
    "show_films",
    "show_images",
    "show_match_matrix",
    "show_nearest",
    "show_planes",
    "show_transposed_convolution",
]
