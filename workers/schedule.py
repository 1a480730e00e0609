"""The timetable. An entry that waited longer than `expires` is dropped: the next one does its work."""

from celery.schedules import crontab

TIMETABLE = {
    "sweep": {"task": "sweep", "schedule": 5.0, "options": {"expires": 5}},
    "post_room": {"task": "post_room", "schedule": 30.0, "options": {"expires": 30}},
    "heartbeat": {"task": "heartbeat", "schedule": 10.0, "options": {"expires": 10}},
    "fetch_mail": {"task": "fetch_mail", "schedule": 30.0, "options": {"expires": 30}},
    "tell_followers": {"task": "tell_followers", "schedule": 30.0, "options": {"expires": 30}},
    "send_links": {"task": "send_links", "schedule": 30.0, "options": {"expires": 30}},
    # New cases get their suggestion; once a night what suggests them is learnt anew, from what was closed
    # since; and for the first time as soon as there is enough.
    "advise": {"task": "advise", "schedule": 15.0, "options": {"expires": 15}},
    "learn_first": {"task": "learn_first", "schedule": 120.0, "options": {"expires": 120}},
    "learn": {"task": "learn", "schedule": crontab(hour="1", minute="40"), "options": {"expires": 3600}},
    # The managers' figures follow the cases by a minute.
    "count_figures": {"task": "count_figures", "schedule": 60.0, "options": {"expires": 60}},
    # What somebody chose on the form and never sent.
    "sweep_staged": {"task": "sweep_staged", "schedule": crontab(minute="20"), "options": {"expires": 3000}},
    # Files of lists: what a lost ring or worker has left is begun again, and what is old goes.
    "sweep_exports": {"task": "sweep_exports", "schedule": 60.0, "options": {"expires": 60}},
    # Figures for everyone of the months that are over, and figures by mail: each looks at what is still to do.
    "publish_months": {"task": "publish_months", "schedule": 600.0, "options": {"expires": 600}},
    "mail_figures": {"task": "mail_figures", "schedule": 300.0, "options": {"expires": 300}},
    "forget": {"task": "forget", "schedule": crontab(hour="2", minute="10"), "options": {"expires": 3600}},
    # What the calendar brings about: each looks at how things stand, so that a missed turn loses nothing.
    "wake": {"task": "wake", "schedule": 60.0, "options": {"expires": 60}},
    "cover": {"task": "cover", "schedule": 60.0, "options": {"expires": 60}},
    "escalate": {"task": "escalate", "schedule": 60.0, "options": {"expires": 60}},
    "digests": {"task": "digests", "schedule": 60.0, "options": {"expires": 60}},
}
