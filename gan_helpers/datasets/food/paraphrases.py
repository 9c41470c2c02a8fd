"""Captions as people type them, with what each of them states: neither `captions` nor `telegram` can produce one."""

from gan_helpers.datasets.food.captions import Caption


def _caption(text: str, food: str, **stated) -> Caption:
    return Caption(text, {"food": food, **stated})


PIZZA, BROCCOLI, BOTH = "pizza", "broccoli", "both"
PARAPHRASES = (
    # Another order of the words, or no sentence at all.
    _caption("pizza slice, olives, dark dish", PIZZA, shape="slice", toppings=("olives",), surface="black plate"),
    _caption("slice: tomatoes + basil; plate: white", PIZZA, shape="slice", toppings=("basil", "tomatoes"),
             surface="white plate"),
    _caption("onions / half pizza / blue plate", PIZZA, shape="half", toppings=("onions",), surface="blue plate"),
    _caption("mushrooms on half a pizza, wooden board", PIZZA, shape="half", toppings=("mushrooms",),
             surface="wooden board"),
    _caption("on a marble table: one slice of pineapple pizza", PIZZA, shape="slice", toppings=("pineapple",),
             surface="marble table"),
    _caption("whole pizza, basil and tomatoes, marble", PIZZA, shape="whole", toppings=("basil", "tomatoes"),
             surface="marble table"),
    _caption("green pepper pizza, round, on the wooden board", PIZZA, shape="whole", toppings=("peppers",),
             surface="wooden board"),
    _caption("roasted broccoli: two florets on the baking tray", BROCCOLI, count=2, style="roasted",
             surface="baking tray"),
    _caption("dark green broccoli, four pieces, black plate", BROCCOLI, count=4, style="dark", surface="black plate"),
    _caption("a plate, white, with three raw pieces of broccoli", BROCCOLI, count=3, style="raw",
             surface="white plate"),
    _caption("a pizza slice and two pieces of broccoli, white plate", BOTH, count=2, shape="slice",
             surface="white plate"),
    # Numerals, capitals, signs, typing errors.
    _caption("raw broccoli, 2 florets, blue plate", BROCCOLI, count=2, style="raw", surface="blue plate"),
    _caption("broccoli x3 on a red napkin", BROCCOLI, count=3, surface="red napkin"),
    _caption("broccoli (1 piece) beside a pizza slice, blue plate", BOTH, count=1, shape="slice",
             surface="blue plate"),
    _caption("PEPPERONI PIZZA!!! White Plate", PIZZA, toppings=("pepperoni",), surface="white plate"),
    _caption("brocoli with chese sauce on a wite plate", BROCCOLI, style="cheese sauce", surface="white plate"),
    _caption("a slcie of piza with musrooms on a tabel of marble", PIZZA, shape="slice", toppings=("mushrooms",),
             surface="marble table"),
    # Whole sentences.
    _caption("give me a ham and pineapple pizza on a wooden board please", PIZZA, toppings=("ham", "pineapple"),
             surface="wooden board"),
    _caption("i want broccoli, fresh, three of them, on a blue plate", BROCCOLI, count=3, style="raw",
             surface="blue plate"),
    _caption("there is a slice of cheese pizza on the black plate", PIZZA, shape="slice", toppings=(),
             surface="black plate"),
    _caption("we would like half of your pepperoni pizza, on a napkin", PIZZA, shape="half", toppings=("pepperoni",),
             surface="red napkin"),
    _caption("one single floret of dark broccoli on some marble", BROCCOLI, count=1, style="dark",
             surface="marble table"),
    _caption("a pizza cut in half with ham", PIZZA, shape="half", toppings=("ham",)),
    # Words that no caption of the course holds, some of which take knowing the world.
    _caption("an entire pizza topped with olives and onions", PIZZA, shape="whole", toppings=("olives", "onions")),
    _caption("a big pizza with mushrooms and peppers straight from the oven, on its tray", PIZZA,
             toppings=("mushrooms", "peppers"), surface="baking tray"),
    _caption("broccoli browned in the oven, a single floret, tray", BROCCOLI, count=1, style="roasted",
             surface="baking tray"),
    _caption("four charred florets on a tray", BROCCOLI, count=4, style="roasted", surface="baking tray"),
    _caption("cheesy broccoli, one floret, napkin", BROCCOLI, count=1, style="cheese sauce", surface="red napkin"),
    _caption("pizza with nothing but cheese, on a board", PIZZA, toppings=(), surface="wooden board"),
    _caption("hawaiian pizza on a blue plate", PIZZA, toppings=("ham", "pineapple"), surface="blue plate"),
    _caption("just broccoli", BROCCOLI),
    _caption("just pizza", PIZZA),
)  # fmt: skip
