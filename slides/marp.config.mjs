// How Marp reads the decks. Nothing is loaded from elsewhere: no emoji pictures, no fonts.
export default {
  themeSet: ["theme.css"],
  options: {
    emoji: { shortcode: false, unicode: false },
    math: "mathjax",
    html: false,
  },
};
