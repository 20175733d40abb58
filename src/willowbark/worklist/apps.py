"""Worklist as a Django app."""

from django.apps import AppConfig


class WorklistConfig(AppConfig):
    """The one queue of tasks that every business files into."""

    name = "willowbark.worklist"
    label = "worklist"

    def ready(self) -> None:
        """Offer navigation and panels; keep open lists current."""
        from django.urls import reverse

        from willowbark.foundation import live, outbox, panels
        from willowbark.foundation.navigation import Area, offer
        from willowbark.patients.events import BreakGlassOpened, BreakGlassReviewed
        from willowbark.worklist import events, handlers, pages
        from willowbark.worklist.selectors import Story, offer_story

        live.declare(events.TOPIC, "tasks.read")
        live.declare(events.TOPIC_OF_PATIENT, "tasks.read", of_patient=True)
        outbox.subscribe(events.TaskFiled, handlers.tell_of_filing)
        outbox.subscribe(events.TaskHandedOver, handlers.tell_of_handing_over)
        outbox.subscribe(events.TaskClosed, handlers.tell_of_closing)
        outbox.subscribe(events.TaskReopened, handlers.tell_of_reopening)
        outbox.subscribe(BreakGlassOpened, handlers.ask_for_review)
        outbox.subscribe(BreakGlassReviewed, handlers.close_review)
        panels.register(panels.Panel("day", "your_tasks", "Your tasks", 5, ("tasks.read",), pages.your_tasks))
        panels.register(panels.Panel("chart", "tasks", "Open tasks", 30, ("tasks.read",), pages.of_patient))
        offer_story(
            Story(
                "break_glass",
                "Review it",
                "tasks.read",
                lambda patient_id, glass_id: reverse("patients:one_break_glass", args=[patient_id, glass_id]),
            )
        )
        offer(Area("tasks", "Tasks", "tasks:list", "check", 5, ("tasks.read",)))
