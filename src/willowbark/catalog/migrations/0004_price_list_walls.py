"""Whoever manages the catalog hands in price lists and sees them; nobody else does, and none is deleted."""

from django.db import migrations

from willowbark.foundation.schema import GrantTable, array

MANAGE = f"(SELECT willow_holds({array(['catalog.manage'])}))"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0003_price_lists")]

    operations = [
        GrantTable(table, verbs="SELECT, INSERT, UPDATE", read=MANAGE, write=MANAGE)
        for table in ("catalog_pricelist", "catalog_suppliercolumns")
    ]
