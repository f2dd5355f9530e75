"""Records a small event file as TensorBoard writes it; see README.md."""

import pathlib
import sys

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

WALL_TIME = 1_700_000_000.25
SCALARS = [("loss", 1, 2.5), ("learning_rate", 300, 0.01), ("loss", 5_000_000_000, float("nan"))]


def main():
    with open(pathlib.Path(sys.argv[1]) / "events.tfevents", "wb") as out:
        writer = RecordWriter(out)
        writer.write(Event(wall_time=WALL_TIME, file_version="brain.Event:2").SerializeToString())
        for tag, step, value in SCALARS:
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
            event = Event(wall_time=WALL_TIME, step=step, summary=summary)
            writer.write(event.SerializeToString())


if __name__ == "__main__":
    main()
