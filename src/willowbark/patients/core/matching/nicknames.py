"""
Short forms and spellings of given names in common use, so that `Bill` and `William` count as one name.

Two forms belong here only when parents would hardly give both to their children: `Jack` is a form of `John`,
and `Lisa` of `Elizabeth`, but each is also the name of a brother or sister.
"""

from __future__ import annotations

_GROUPS = """
alexander alex alec|alexandra|andrew andy drew|anthony antony tony|barbara barb barbie|benjamin ben benny
catherine katherine kathryn cathy kathy kate katie kit|charles charlie chuck|charlotte charlie lottie
christina tina chris chrissy|christine tina chris chrissy|christopher chris kit|daniel dan danny
david dave davy|deborah debra deb debbie|dorothy dot dottie|edward ed eddie ned ted|eleanor ellie
elizabeth elisabeth liz lizzie beth betty|emily em|eugene gene|frances fran francie|francis frank
frederick fred freddie|gabriel gabe|gerald gerry jerry|gregory greg|harold harry hal|henry harry hank
isabella bella izzy|jacob jake|james jim jimmy jamie|jennifer jen jenny|jessica jess jessie|john johnny
jonathan jon|joseph joe joey|joshua josh|judith judy|kenneth ken kenny|kimberly kim
lawrence laurence larry|leonard len lenny|madeline madeleine maddie maddy
margaret maggie meg peggy peg marge|martin marty|matthew matt|megan meg|michael mike mick mickey
mitchell mitch|nathaniel nate|nicholas nick nicky|nicole nicky nikki|olivia liv livvy|pamela pam
patricia pat patty trish|patrick pat paddy|peter pete|philip phillip phil|rachel rach|raymond ray
rebecca becky becca|richard rick dick rich|robert bob rob bobby robbie|ronald ron ronnie|samantha sam
samuel sam sammy|sarah sara|stephanie steph|stephen steven steve|susan sue susie|suzanne sue susie
theodore ted theo|theresa teresa terri tess|thomas tom tommy|timothy tim|victoria vicky tori
vincent vince|virginia ginny|walter walt|william bill will billy|zachary zac zach
"""

_FORMS: dict[str, set[int]] = {}
for _number, _group in enumerate(_GROUPS.replace("\n", "|").split("|")):
    for _form in _group.split():
        _FORMS.setdefault(_form, set()).add(_number)


def same_by_nickname(one: str, other: str) -> bool:
    """Say whether two different folded given names are usual forms of one name; symmetric, not transitive."""
    return not _FORMS.get(one, set()).isdisjoint(_FORMS.get(other, ()))
