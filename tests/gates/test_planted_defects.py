"""Defects planted in a copy of the package: each must turn the test that guards it red."""

import os
import shutil
import subprocess
import sys

import pytest

# file, what stands there, the defect, the test that must fail
DEFECTS = {
    "wrong sign of G's loss": (
        "gan_helpers/models/mlp_gan.py",
        "fake_logits, torch.ones_like(fake_logits))",
        "fake_logits, torch.zeros_like(fake_logits))",
        "tests/unit/test_mlp_gan.py::test_losses_follow_the_papers_formulas",
    ),
    "lost detach": (
        "gan_helpers/models/mlp_gan.py",
        "(real), like=real)).detach()  # no gradient",
        "(real), like=real))  # no gradient",
        "tests/unit/test_every_exercise.py::test_the_package_own_solution_passes",
    ),
    "D steps in G's turn": (
        "gan_helpers/models/mlp_gan.py",
        "    opts.generator.step()",
        "    opts.discriminator.step()",
        "tests/unit/test_mlp_gan.py::test_each_step_moves_one_network_only",
    ),
    "sigmoid inside D": (
        "gan_helpers/models/mlp_gan.py",
        "nn.Linear(inputs, 1), nn.Flatten(0))",
        "nn.Linear(inputs, 1), nn.Flatten(0), nn.Sigmoid())",
        "tests/unit/test_every_exercise.py::test_the_package_own_solution_passes",
    ),
    "a check that accepts everything": (
        "gan_helpers/exercises/expectations.py",
        "    if not holds:",
        "    if False:",
        "tests/unit/test_lesson_03_exercises.py::test_wrong_variants_are_refused_with_the_fitting_words",
    ),
    "a step uphill": (
        "gan_helpers/models/linear_model.py",
        "parameter -= learning_rate",
        "parameter += learning_rate",
        "tests/unit/test_tensors.py::test_a_descent_step_by_hand_is_that_of_sgd",
    ),
    "a doctor who overlooks damaged weights": (
        "gan_helpers/weights/__init__.py",
        'return sha256(content).hexdigest() == described["sha256"]',
        "return True",
        "tests/unit/test_readiness.py::test_damaged_weights_are_named",
    ),
    "a slope into G in D's turn": (
        "gan_helpers/models/dcgan.py",
        "nets.discriminator(fake.detach())",
        "nets.discriminator(fake)",
        "tests/unit/test_dcgan.py::test_a_step_is_d_s_turn_and_then_g_s",
    ),
    "a D that does not compare the pictures of a pack": (
        "gan_helpers/models/gan_cls.py",
        "(packs - packs.roll(1, 1)).abs()",
        "(packs - packs).abs()",
        "tests/unit/test_projected_gan.py::test_a_discriminator_that_sees_packs_finds_the_generator_that_makes_one_picture",
    ),
    "a wrong text that fits one of a pack": (
        "gan_helpers/captioned.py",
        "each.any(3).all(1)",
        "each.any(3).any(1)",
        "tests/unit/test_train_gan_cls.py::test_a_pack_holds_different_pictures_that_fit_its_caption_and_wrong_texts_that_fit_none",
    ),
    "a hinge without its margin": (
        "gan_helpers/models/dcgan.py",
        "F.relu(1 - real_logits)",
        "F.relu(-real_logits)",
        "tests/unit/test_dcgan.py::test_hinge_losses_follow_their_formulas",
    ),
    "an average that stands still": (
        "gan_helpers/accelerated.py",
        "                average.update_parameters(nets[0])",
        "                pass",
        "tests/unit/test_accelerated.py::test_the_average_follows_the_formula",
    ),
    "a checkpoint that forgets the order of the data": (
        "gan_helpers/accelerated.py",
        "        self._batches.load_state(stored.data_order)",
        "        pass",
        "tests/unit/test_accelerated.py::test_a_killed_training_goes_on_to_the_bit",
    ),
    "a game that lets D win": (
        "gan_helpers/real_or_fake.py",
        "return yours, (self.d_says_real[:n] == self.is_real[:n]).sum().item()",
        "return yours, n",
        "tests/unit/test_real_or_fake.py::test_scores_count_what_was_right_for_both",
    ),
    "coverage that counts fakes": (
        "gan_helpers/metrics.py",
        "inside.any(0)",
        "inside.any(1)",
        "tests/unit/test_metrics.py::test_controls_come_in_the_right_order",
    ),
    "training digits in the held-out set": (
        "gan_helpers/datasets/digits.py",
        "~held_out",
        "held_out | True",
        "tests/unit/test_digits.py::test_both_splits_hold_every_digit_alike_and_share_none",
    ),
    "a cache that trusts any file": (
        "gan_helpers/datasets/cache.py",
        "zipfile.BadZipFile, zlib.error",
        "KeyError",
        "tests/unit/test_digits.py::test_a_file_cut_short_is_made_again",
    ),
    "variety by wrong pictures": (
        "gan_helpers/variety.py",
        "spread(own[keep])",
        "spread(own)",
        "tests/unit/test_variety.py::test_wrong_pictures_earn_nothing",
    ),
    "a pair of torch and torchvision that is left as it came": (
        "scripts/install_torch.py",
        'if "operator torchvision::" in problem:',
        "if False:",
        "tests/install/test_install.py::test_a_pair_that_does_not_fit_is_mended[pip]",
    ),
    "pyplot at import": (
        "gan_helpers/plots/figures.py",
        "import io\n",
        "import io\n\nimport matplotlib.pyplot\n",
        "tests/unit/test_packaging.py",
    ),
}


@pytest.fixture(scope="module")
def copy(repository, tmp_path_factory):
    folder = tmp_path_factory.mktemp("copy")
    for part in ("gan_helpers", "tests", "scripts"):
        shutil.copytree(repository / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for path in repository.iterdir():
        if path.is_file():
            shutil.copy(path, folder)
    return folder


def run(copy, test: str) -> subprocess.CompletedProcess:
    # An installed package would win over the copy's, but for PYTHONPATH.
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", test]
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_planted_defect_turns_its_test_red(copy, name):
    file, before, after, test = DEFECTS[name]
    path = copy / file
    sound = path.read_text(encoding="utf-8")
    assert before in sound, "the defect no longer fits the code: plant it anew"
    path.write_text(sound.replace(before, after), encoding="utf-8")
    try:
        broken = run(copy, test)
    finally:
        path.write_text(sound, encoding="utf-8")
    assert broken.returncode == 1, broken.stdout + broken.stderr  # 1: tests ran and failed; 2 to 5: they did not run
    assert "failed" in broken.stdout
