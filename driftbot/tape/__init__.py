"""Where raw answers come from: the world (live), the world while recording, or a recorded bundle."""

from driftbot.tape.bundle import BundleError, recorded_at
from driftbot.tape.live import LiveTape
from driftbot.tape.recording import RecordingTape
from driftbot.tape.replay import ReplayTape

__all__ = ["BundleError", "LiveTape", "RecordingTape", "ReplayTape", "recorded_at"]
