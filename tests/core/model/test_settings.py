"""The stack writes what the handler reads."""

import pytest

from spotter.core.model.settings import AlertSettings, MissingSetting, RecordSettings


def test_settings_are_read_back_as_they_were_written():
    settings = AlertSettings(ledger="table", topic="arn", stack="Spotter")
    assert AlertSettings.read(settings.environment()) == settings


def test_a_missing_setting_is_named():
    with pytest.raises(MissingSetting, match="SPOTTER_STACK, SPOTTER_TOPIC"):
        AlertSettings.read({"SPOTTER_LEDGER": "table"})


def test_an_empty_setting_is_missing():
    with pytest.raises(MissingSetting, match="SPOTTER_LEDGER"):
        RecordSettings.read({"SPOTTER_STACK": "Spotter", "SPOTTER_LEDGER": ""})
