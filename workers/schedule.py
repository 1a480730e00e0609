"""The timetable. An entry that waited longer than `expires` is dropped: the next one does its work."""

TIMETABLE = {
    "sweep": {"task": "sweep", "schedule": 10.0, "options": {"expires": 10}},
    "heartbeat": {"task": "heartbeat", "schedule": 10.0, "options": {"expires": 10}},
}
