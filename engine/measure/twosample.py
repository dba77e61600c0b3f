"""Can a classifier tell our songs from real ones, and by what?

The classifier two-sample test of Lopez-Paz and Oquab (2017) with a cross-validated logistic regression
on standardised measures. An area under the curve (AUC) of 0.5 says it cannot.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from engine.errors import EngineError
from engine.measure.piece import Floats, Ints
from engine.measure.reference import quartiles

SONG_FEATURES = (
    "CHE", "CPI", "CTD", "chord_changes_per_bar", "root_I_frac", "H1", "H4", "pitch_class_entropy",
    "scale_consistency", "mel_range", "mel_notes_per_bar", "mel_mean_abs_interval", "mel_repeat_frac",
    "mel_step_frac", "mel_third_frac", "mel_leap_frac", "mel_leap_reversal", "mel_rest_frac",
    "mel_empty_bar_frac", "mel_phrase_notes", "mel_onbeat_frac", "mel_downbeat_frac", "mel_syncopated_frac",
    "mel_anticipation_frac", "mel_sync_LHL_per_bar", "GS_melody", "GS_melody_adjacent", "bars_repeated",
    "mel_bars_repeated", "SI_short", "SI_mid", "SI_long", "chord_tone_frac", "strong_beat_chord_tone", "CTnCTR",
    "PCS", "MCTD",
)  # fmt: skip
BASS_FEATURES = (
    "bass_notes_per_bar", "bass_range", "bass_chord_tone_frac", "bass_root_on_downbeat", "bass_with_kick",
    "kick_with_bass", "kick_with_bass_lift", "GS_bass", "GS_bass_adjacent",
)  # fmt: skip
DRUM_FEATURES = (
    "drum_hits_per_bar", "kick_per_bar", "snare_per_bar", "hat_per_bar", "tom_per_bar", "kick_on_1", "kick_on_3",
    "snare_on_2_4", "GS_drums", "GS_drums_adjacent", "drum_distinct_patterns_per_100_bars",
    "drum_top_pattern_share", "fill_bar_frac",
)  # fmt: skip
# Takes are shorter than songs, so that what counts patterns says nothing; loudness is human, so that it does.
TAKE_FEATURES = (
    *(name for name in DRUM_FEATURES if "pattern" not in name),
    "drum_velocity_sd", "kick_sync_LHL_per_bar", "snare_sync_LHL_per_bar",
)  # fmt: skip

_FOLDS = 5
_ROUNDS = 4
_TREES = 200
_SHOWN = 10


class Feature(NamedTuple):
    """A measure's weight a standard deviation (positive: more of it says ours), and both medians."""

    name: str
    weight: float
    ours: float
    real: float


class Verdict(NamedTuple):
    """How well ours were told from real ones: AUC on unseen songs, its deviation over rounds, what gave them away.

    forest: AUC of a random forest, which sees spread and combinations where the regression sees shifts; what it leans
    on, as shares of its importance.
    """

    what: str
    against: str
    auc: float
    deviation: float
    ours: int
    real: int
    features: tuple[Feature, ...]
    forest: float = np.nan
    forest_features: tuple[tuple[str, float], ...] = ()


def two_sample(
    what: str,
    against: str,
    ours: Sequence[Mapping[str, float]],
    real: Sequence[Mapping[str, float]],
    names: Sequence[str],
    shown: int = _SHOWN,
) -> Verdict:
    """Return the verdict over measured songs; songs in which half the measures are missing are left out.

    Raises EngineError where scikit-learn is not installed or a side has too few songs.
    """
    rows = [[_values(row, names) for row in side] for side in (ours, real)]
    kept = [[row for row in side if np.isfinite(row).sum() * 2 >= len(names)] for side in rows]
    counts = [len(side) for side in kept]
    if min(counts) < 2 * _FOLDS:
        raise EngineError(
            f"{what}: {counts[0]} songs of ours and {counts[1]} real ones are too few to compare",
            f"a side needs at least {2 * _FOLDS}",
        )
    table = np.array(kept[0] + kept[1])
    is_ours = np.repeat([1, 0], counts).astype(np.int64)
    aucs, weights = _told_apart(table, is_ours)
    medians = [[quartiles(column)[1] for column in table[is_ours == side].T] for side in (1, 0)]
    order = np.argsort(-np.abs(weights), kind="stable")[:shown]
    features = tuple(Feature(names[i], float(weights[i]), medians[0][i], medians[1][i]) for i in order.tolist())
    forest, importance = _told_by_forest(table, is_ours)
    leaned = np.argsort(-importance, kind="stable")[:shown]
    return Verdict(
        what,
        against,
        float(np.mean(aucs)),
        float(np.std(aucs)),
        counts[0],
        counts[1],
        features,
        forest,
        tuple((names[i], float(importance[i])) for i in leaned.tolist()),
    )


def _values(row: Mapping[str, float], names: Sequence[str]) -> list[float]:
    return [float(row.get(name, np.nan)) for name in names]


def _told_apart(table: Floats, is_ours: Ints) -> tuple[list[float], Floats]:
    # AUC of each round, out-of-fold scores pooled; weights averaged over all folds.
    try:
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.metrics import roc_auc_score
        from sklearn.model_selection import StratifiedKFold
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise EngineError("the two-sample test needs scikit-learn", "pip install 'hookline[train]'") from error

    table = _filled(table)
    aucs, weights = [], np.zeros(table.shape[1])
    for round_ in range(_ROUNDS):
        scores = np.zeros(len(table))
        folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=round_)
        for seen, unseen in folds.split(table, is_ours):
            model = make_pipeline(
                SimpleImputer(strategy="median"),  # what is missing says nothing
                StandardScaler(),
                LogisticRegression(C=0.3, class_weight="balanced", max_iter=2000),
            )
            model.fit(table[seen], is_ours[seen])
            scores[unseen] = model.decision_function(table[unseen])
            weights += model[-1].coef_[0]
        aucs.append(float(roc_auc_score(is_ours, scores)))
    return aucs, weights / (_FOLDS * _ROUNDS)


def _told_by_forest(table: Floats, is_ours: Ints) -> tuple[float, Floats]:
    # AUC of out-of-fold votes, and the importance of each measure, averaged over the folds.
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import StratifiedKFold

    table = _filled(table)
    votes, importance = np.zeros(len(table)), np.zeros(table.shape[1])
    for seen, unseen in StratifiedKFold(_FOLDS, shuffle=True, random_state=0).split(table, is_ours):
        middle = np.nanmedian(table[seen], axis=0)
        filled = np.where(np.isfinite(table), table, np.where(np.isfinite(middle), middle, 0.0))
        model = RandomForestClassifier(_TREES, min_samples_leaf=3, class_weight="balanced", random_state=0)
        model.fit(filled[seen], is_ours[seen])
        votes[unseen] = model.predict_proba(filled[unseen])[:, 1]
        importance += model.feature_importances_ / _FOLDS
    return float(roc_auc_score(is_ours, votes)), importance


def _filled(table: Floats) -> Floats:
    # A measure that no song has is a constant, so that the columns keep their places.
    table = table.copy()
    table[:, ~np.isfinite(table).any(axis=0)] = 0.0
    return table
