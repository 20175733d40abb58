"""Every address."""

from django.urls import include, path

from willowbark.config.api import api

urlpatterns = [
    path("", include("willowbark.foundation.urls")),
    path("", include("willowbark.practice.urls")),
    path("", include("willowbark.patients.urls")),
    path("", include("willowbark.record.urls")),
    path("", include("willowbark.worklist.urls")),
    path("", include("willowbark.knowledge.urls")),
    path("", include("willowbark.catalog.urls")),
    path("", include("willowbark.inventory.urls")),
    path("", include("willowbark.protocols.urls")),
    path("", include("willowbark.dispensary.urls")),
    path("", include("willowbark.metrics.urls")),
    path("", include("willowbark.planner.urls")),
    path("", include("willowbark.command_center.urls")),
    path("", include("willowbark.assistant.urls")),
    path("", include("willowbark.interop.fhir.urls")),
    path("", include("willowbark.interop.export.urls")),
    path("api/", api.urls),
]

handler400 = "willowbark.foundation.errors.bad_request"
handler403 = "willowbark.foundation.errors.denied"
handler404 = "willowbark.foundation.errors.absent"
handler500 = "willowbark.foundation.errors.unexpected"
