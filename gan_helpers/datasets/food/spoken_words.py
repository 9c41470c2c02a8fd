"""The words people use for food and what it lies on: what `spoken` builds its captions of."""


def either(ways: str) -> tuple[str, ...]:
    """The ways to say something, between bars; "-" is to say nothing. A way that comes twice is said more often."""
    return tuple("" if way == "-" else way for way in (" ".join(part.split()) for part in ways.split("|")))


# Each topping as an adjective before "pizza", and as what lies on one.
TOPPINGS_SPOKEN = {
    "pepperoni": (("pepperoni",), ("pepperoni", "pepperonis", "pepperoni slices", "slices of pepperoni")),
    "mushrooms": (("mushroom",), ("mushrooms", "sliced mushrooms", "mushroom slices", "white mushrooms")),
    "olives": (("olive", "black olive"), ("olives", "black olives", "sliced olives", "olive rings")),
    "basil": (("basil", "fresh basil"), ("basil", "basil leaves", "fresh basil", "green basil leaves")),
    "peppers": (
        ("pepper", "green pepper", "bell pepper"),
        ("peppers", "green peppers", "bell peppers", "sliced peppers", "green bell peppers", "green pepper"),
    ),
    "onions": (("onion", "red onion"), ("onions", "red onions", "onion rings", "sliced onions", "onion")),
    "tomatoes": (("tomato",), ("tomatoes", "sliced tomatoes", "tomato slices", "red tomatoes", "tomato")),
    "ham": (("ham",), ("ham", "cubes of ham", "pieces of ham", "diced ham")),
    "pineapple": (("pineapple",), ("pineapple", "pineapples", "pineapple chunks", "pieces of pineapple")),
}
ON = either("""
    with {} | with {} | with {} on top | with {} on it | topped with {} | covered in {} | covered with {} | with
    lots of {} | that has {} on it | loaded with {} | with plenty of {} | , {}
""")
NO_TOPPING = either("""
    cheese {} | plain {} | plain cheese {} | {} with only cheese | {} with cheese alone | {} without toppings | {}
    with just cheese
""")
# What may stand beside a topping, or alone, without saying which toppings there are.
VAGUE = either("""
    with toppings | with various toppings | with lots of cheese | with melted cheese | with different toppings |
    with tomato sauce and cheese | covered in cheese | with meat | with meat and cheese | with sausage | with
    spinach and cheese | with an egg on top | with vegetables | with greens | with a thick crust | with a crispy
    crust
""")
WHOLE = either("""
    {} | {} | whole {} | large {} | big {} | round {} | entire {} | full {} | complete {} | large round {} | uncut
    {}
""")
HALF = either("""
    half of {a} | half {a} | one half of {a} | {a} cut in half | half eaten {n} | {a} with one half missing | half
    {n} | the half of {a}
""")
SLICE = either("""
    a slice of {n} | a slice of {n} | one slice of {n} | a piece of {n} | a wedge of {n} | a single slice of {n} | a
    triangle of {n} | two slices of {n} | a couple of slices of {n} | some slices of {n} | two pieces of {n} | a few
    pieces of {n} | a half eaten slice of {n} | a large slice of {n} | a small piece of {n} | slice of {n} | a cut
    of {n} | the last slice of {n} | one piece of {n}
""")
LOOKS = either("""
    - | - | - | - | homemade | fresh | delicious | hot | tasty | freshly baked | small | nice | thin
""")
PIECES = either("""
    piece | floret | floret | head | stalk | spear | sprig | crown | chunk | bit | stem
""")
COUNTS_SPOKEN = {
    1: ("a", "one", "1", "a single", "just one", "only one", "one single"),
    2: ("two", "2", "a couple of", "a pair of", "two"),
    3: ("three", "3", "three", "exactly three"),
    4: ("four", "4", "four", "exactly four"),
}
UNCOUNTED = either("""
    some {} | {} | pieces of {} | a serving of {} | {} florets | a helping of {} | a lot of {} | cut up {}
""")
STYLES_SPOKEN = {
    "raw": ("raw", "fresh", "bright green", "uncooked", "light green", "crisp green", "green raw"),
    "dark": ("dark", "dark green", "deep green", "very dark", "dark colored"),
    "roasted": ("roasted", "browned", "oven roasted", "grilled", "baked", "brown", "toasted"),
}
SAUCE = either("""
    with cheese sauce | in cheese sauce | covered in cheese sauce | with melted cheese | with cheese on top | topped
    with cheese | covered with cheese | under a cheese sauce | and cheese sauce
""")
PLATE = either("""
    {} plate | {} plate | {} dish | {} platter | round {} plate | {} dinner plate | small {} plate | large {} plate
    | {} china plate | plate that is {}
""")
SURFACES_SPOKEN = {
    "white plate": ("white",),
    "black plate": ("black", "black", "dark"),
    "blue plate": ("blue", "blue", "bright blue"),
    "wooden board": either("""
    wooden board | wooden board | wooden table | cutting board | wooden cutting board | wood table | wooden surface
    | chopping board | brown wooden board | wood board | wooden tabletop | round cutting board | board
"""),
    "red napkin": either("""
    red napkin | red napkin | checked napkin | red and white napkin | napkin | red cloth | checkered tablecloth |
    red tablecloth | red checkered cloth
"""),
    "baking tray": either("""
    baking tray | baking tray | tray | pan | metal pan | baking sheet | pizza pan | metal tray | cookie sheet | oven
    tray | sheet pan | silver pan | baking pan | gray tray
"""),
    "marble table": either("""
    marble table | marble table | marble counter | marble surface | white marble table | marble countertop | slab of
    marble | marble top | marble
"""),
}  # fmt: skip
# Places that leave the surface open.
ANYWHERE = either("""
    on a table | on the table | on top of a table | in a restaurant | in the kitchen | on a counter | for dinner |
    ready to be eaten | in a box | in front of a person
""")
LIES = either("""
    - | - | - | lying | sitting | served | placed | resting | laid out | that is | that sits | is sitting | is
""")
AROUND = either("""
    and a glass of wine | with a fork next to it | next to a can of soda | near a glass of beer | beside a knife |
    with a knife and fork | and a drink | in front of a tv | with a glass of water | next to a laptop | near some
    bottles | beside a cup of coffee | at a party | being held by a man | that looks good | as a woman looks on | by
    a window | straight from the oven | just out of the oven
""")
BEFORE = either("""
    - | - | - | - | a picture of | a photo of | a close up of | a closeup of | a close-up photo of | there is | this
    is | an image of | a view of | here is | someone made | please draw | give me | we would like | i want | can you
    make | show me | i would like | a man is eating | a person is holding
""")
JOINED = either("""
    next to | beside | along with | together with | near | alongside | plus
""")
# Beside broccoli there is often something else, which no picture here shows.
BESIDE_BROCCOLI = either("""
    with carrots | and carrots | with rice | and chicken | with noodles | and peppers | with sausage | and beef |
    and potatoes | with onions and rice
""")
BESIDE_TOPPINGS = either("cheese | melted cheese | tomato sauce | cheese | sausage | bacon | spinach | meatballs")
# In notes, where the words stand by themselves.
SHAPES_NOTED = {
    "whole": either("pizza | pizza | whole pizza | round pizza | big pizza | a pizza | entire pizza"),
    "half": either("half pizza | half a pizza | pizza half | half of a pizza | pizza, half | one half of a pizza"),
    "slice": either(
        "pizza slice | slice of pizza | a slice of pizza | one slice of pizza | piece of pizza | pizza, slice"
    ),
}
NO_TOPPING_NOTED = either("cheese | just cheese | cheese only | plain | no toppings")
PLATES_NOTED = either("{} plate | {} plate | {} plate | plate: {} | a plate, {} | {} dish | the {} plate")

# Words that hold a sentence together.
FUNCTION_WORDS = either("""
    a | an | the | of | on | in | at | with | and | or | to | by | from | for | that | is | are | be | it | its |
    this | there | here | some | any | i | we | you | me | my | your | our | want | would | like | give | show | me
    | make | please | draw | picture | photo | image | view | close | up | closeup | upon | under | over | top |
    next | beside | near | along | together | which | has | have | had | very | just | only | exactly | no | not |
    without | nothing | but | as | into | over | being | looking | made | shown | contains | containing | including
    | filled | home | food | pie | needs | n
""")
