"""The failure museum: its rooms, what it says of them, and whether its verdict holds on trainings it has not seen."""

import collections

import pytest
import torch

from gan_helpers import clock, museum
from gan_helpers.faults import FAULTS
from gan_helpers.museum import NAMES, behind_door, question, said
from gan_helpers.museum_labels import LABELS, NO_FAULT
from gan_helpers.screen import NoScreen
from gan_helpers.symptoms import STEPS, Symptoms, complaints, looks_healthy, spread
from gan_helpers.symptoms_measured import FIRST_UNSEEN, Confusion, confusion, measured_cases, symptom_table

TUNED_ON, UNSEEN = measured_cases(unseen=False), measured_cases(unseen=True)
FINE = next(case.found for case in TUNED_ON if case.fault == NO_FAULT)


def test_every_room_holds_something_else_and_tickets_differ():
    walks = [tuple(behind_door(room, ticket) for room in range(1, len(NAMES) + 1)) for ticket in range(20)]
    assert all(sorted(walk) == sorted(NAMES) for walk in walks)
    assert len(set(walks)) == len(walks)
    assert behind_door(3, 5) == behind_door(3, 5)


@pytest.mark.parametrize("room", [0, 12, -1, 1.5, True, None, "no noises"])
def test_there_is_no_other_room(room):
    with pytest.raises(ValueError, match="room should be a number from 1 to 11"):
        museum.visit(room)


def test_a_ticket_is_a_whole_number():
    with pytest.raises(ValueError, match="ticket should be a whole number, not 'mine'"):
        museum.visit(1, ticket="mine")


@pytest.mark.parametrize("name", NAMES)
def test_each_fault_is_explained_and_no_wrong_guess_gives_it_away(name):
    asked = question(4, name, "Within what healthy runs show.")
    assert [answer for answer, _ in asked.answers] == list(NAMES)
    assert asked.answers[asked.right][0] == name
    label = LABELS[name]
    for number, (guess, reply) in enumerate(asked.answers):
        told = label.planted in reply and label.mend in reply and "healthy runs show" in reply
        assert told == (number == asked.right), guess
        assert LABELS[guess].seen in reply or number == asked.right
        assert number == asked.right or f'"{name}"' not in reply, "the answer stands there"


def test_a_visit_trains_and_asks(monkeypatch, capsys):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")
    asked = []
    monkeypatch.setattr(museum, "ask", asked.append)
    found = museum.visit(2, ticket=3)
    assert isinstance(found, Symptoms) and found.loss_d > 0
    assert [one.answers[one.right][0] for one in asked] == [behind_door(2, 3)]
    assert behind_door(2, 3) not in capsys.readouterr().out
    museum.visit("no noise")
    assert len(asked) == 1 and LABELS["no noise"].seen in capsys.readouterr().out


def test_a_sealed_room_shows_no_learning_rate(monkeypatch):
    monkeypatch.setenv("GAN_WORKSHOP_PACE", "ci")
    monkeypatch.setattr(museum, "ask", lambda asked: None)
    rates = []
    monkeypatch.setattr(clock, "screen_for", lambda show, requests, shown, first: rates.append(shown) or NoScreen())
    museum.visit(3)
    museum.visit("learning rate x 30")
    assert rates == [{}, {"generator": pytest.approx(0.015), "discriminator": pytest.approx(0.015)}]


def test_a_visit_that_is_stopped_at_once_asks_nothing(monkeypatch, capsys):
    monkeypatch.setattr(museum, "MINUTES", 1e-9)
    monkeypatch.setattr(museum, "ask", pytest.fail)
    assert museum.visit(2) is None
    assert "Run this cell again" in capsys.readouterr().out


def test_the_live_line_keeps_its_verdict_for_the_step_it_is_tuned_on():
    assert "Within what healthy runs show" in said(FINE, STEPS)
    assert "health" not in said(FINE, None) and "spread" in said(FINE, None), "a sealed room tells no verdict"
    assert "too alike" in said(FINE._replace(spread=0.0), STEPS)
    assert "A verdict comes at step 1,000" in said(FINE._replace(spread=0.0), STEPS - 1)


def test_the_verdict_holds_on_trainings_it_has_not_seen():
    found = confusion(looks_healthy, UNSEEN)
    assert found.told >= 8 and found.false_alarms <= 0.05
    counted = collections.Counter(case.fault for case in UNSEEN)
    assert counted[NO_FAULT] >= 40 and all(counted[fault] >= 5 for fault in FAULTS)
    assert min(case.seed for case in UNSEEN) >= FIRST_UNSEEN > max(case.seed for case in TUNED_ON)


def test_complaints_are_what_the_verdict_rests_on():
    for case in (*TUNED_ON, *UNSEEN):
        assert bool(complaints(case.found)) != looks_healthy(case.found), case
    assert complaints(FINE._replace(loss_d=0.5, density=0.0)) == ["loss_d is low", "too few lie among real ones"]


def test_a_training_shows_what_is_stored_of_it():
    """Healthy, seed 0, all 1,000 steps; other processors round otherwise, and a training makes much of little."""
    stored = next(case.found for case in TUNED_ON if (case.fault, case.seed) == (NO_FAULT, 0))
    _, found = museum.trained(NO_FAULT, seed=0)
    assert found.loss_d == pytest.approx(stored.loss_d, abs=0.02)
    assert found.loss_g == pytest.approx(stored.loss_g, abs=0.05)
    assert found.spread == pytest.approx(stored.spread, abs=0.05)
    assert looks_healthy(found)


def test_a_table_holds_means():
    one, other = ({**FINE._asdict(), "loss_d": value} for value in (1.0, 2.0))
    cases = [case._replace(found=Symptoms(**row)) for case in TUNED_ON for row in (one, other)]
    assert all("1.50" in line for line in symptom_table(cases, ["loss_d"]).splitlines()[1:])


def test_a_rule_that_is_always_or_never_content_is_found_out():
    always, never = (confusion(lambda found, word=word: word, UNSEEN) for word in (True, False))
    assert (always.told, always.false_alarms) == (0, 0.0) and (never.told, never.false_alarms) == (10, 1.0)
    with pytest.raises(TypeError, match="True or False, not None"):
        confusion(lambda found: None, UNSEEN)


def test_a_fault_counts_as_told_when_all_its_trainings_are():
    found = Confusion({NO_FAULT: (19, 1), "a": (0, 5), "b": (1, 4)})
    assert (found.told, found.false_alarms) == (1, 0.05)
    assert "told from health: 1 of 2 faults" in str(found) and "false alarms: 5%" in str(found)


def test_spread_is_a_ratio_of_distances():
    square = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    assert spread(square, 2 * square).item() == 2.0
    assert spread(square, square[:1].expand(5, -1)).item() == 0.0
