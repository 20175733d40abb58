"""Short forms of given names that are in common use, so that `Bill` and `William` count as one name."""

from __future__ import annotations

_GROUPS = """
alexander alex alec sandy sasha|alexandra alex sandra sandy sasha|andrew andy drew|anthony antony tony
barbara barb barbie|benjamin ben benny|catherine katherine kathryn cathy kathy kate katie kit
charles charlie chuck|charlotte charlie lottie|christina christine tina chris chrissy
christopher chris kit|daniel dan danny|david dave davy|deborah debra deb debbie|dorothy dot dottie
edward ed eddie ned ted|eleanor ellie nell nora
elizabeth elisabeth liz lizzie beth betty eliza lisa libby|emily em|eugene gene|frances fran francie
francis frank|frederick fred freddie|gabriel gabe|gerald gerry jerry|gregory greg|harold harry hal
henry harry hank|isabella isabel bella izzy|jacob jake|james jim jimmy jamie|jennifer jen jenny
jessica jess jessie|john johnny jack|jonathan jon|joseph joe joey|joshua josh|judith judy
kenneth ken kenny|kimberly kim|lawrence laurence larry|leonard len lenny leo
madeline madeleine maddie maddy|margaret maggie meg peggy peg marge|martin marty|matthew matt|megan meg
michael mike mick mickey|mitchell mitch|nathaniel nathan nate|nicholas nick nicky|nicole nicky nikki
olivia liv livvy|pamela pam|patricia pat patty trish|patrick pat paddy|peter pete|philip phillip phil
rachel rach|raymond ray|rebecca becky becca|richard rick dick rich|robert bob rob bobby robbie
ronald ron ronnie|samantha sam|samuel sam sammy|sarah sara sally|stephanie steph|stephen steven steve
susan sue susie|suzanne sue susie|theodore ted theo|theresa teresa terri tess|thomas tom tommy
timothy tim|victoria vicky tori|vincent vince|virginia ginny|walter walt|william bill will billy liam
zachary zac zach
"""

_FORMS: dict[str, set[int]] = {}
for _number, _group in enumerate(_GROUPS.replace("\n", "|").split("|")):
    for _form in _group.split():
        _FORMS.setdefault(_form, set()).add(_number)


def same_by_nickname(one: str, other: str) -> bool:
    """Say whether two different folded given names are usual forms of one name; symmetric, not transitive."""
    return not _FORMS.get(one, set()).isdisjoint(_FORMS.get(other, ()))
