"""The plan of a campaign: as often as it is asked to, and in every stage of both sides."""

from collections import Counter

from tests.killed.plan import plan
from tests.killed.stages import OF_LAPTOP, OF_OFFICE, PLACES, THRESHOLD, Side, Stage
from tests.killed.test_killed import OF_POSTGRESQL, SEED


def test_the_plan_comes_to_every_stage_of_both_sides_and_to_every_statement() -> None:
    made = plan(SEED, 200, OF_POSTGRESQL)
    for kills, stages in ((made.office, OF_OFFICE), (made.laptop, OF_LAPTOP)):
        for stage in stages:
            met = [k.moment for k in kills if k.moment.stage is stage and k.side != Side.DATABASE]
            assert len(met) >= 200 // len(stages)
            if stage is not Stage.LINE:
                at = {moment.statement for moment in met}
                assert at == {None, *range(THRESHOLD, PLACES[stage].statements + 1)}


def test_the_plan_kills_each_side_as_often_as_it_is_asked_to() -> None:
    made = plan(SEED, 200, OF_POSTGRESQL)
    sides = Counter(kill.side for kill in (*made.office, *made.laptop))
    assert sides == {Side.OFFICE: 200, Side.LAPTOP: 200, Side.DATABASE: OF_POSTGRESQL}


def test_a_seed_makes_the_same_plan_again_and_another_seed_another() -> None:
    assert plan(SEED, 50, 2) == plan(SEED, 50, 2)
    assert plan(SEED, 50, 2) != plan(SEED + 1, 50, 2)
