"""Not (yet) working: 70, 71, 72. No proof is asked for."""

from __future__ import annotations

from app.destination.types.declared import DestinationType, Field, declare


def _reason(label: str, *codes: str) -> tuple[Field, ...]:
    return (
        Field("waiting_reason", "code", label, table="waiting_reason", only=codes),
        Field("note", "long_text", "补充说明", required=False, most=500, example="已参加两场面试，等待结果。"),
    )


declare(
    DestinationType(
        "70",
        "待就业",
        "G5",
        _reason("待就业原因", "1", "2", "3", "4", "9"),
        hint="正在找工作，或已有意向、尚未落实",
    ),
    DestinationType(
        "71",
        "不就业拟升学",
        "G5",
        _reason("暂不就业原因", "5", "6", "9"),
        hint="准备升学考试或出国深造，目前不找工作",
    ),
    DestinationType(
        "72",
        "其他暂不就业",
        "G5",
        _reason("暂不就业原因", "7", "9"),
        hint="因其他原因目前不找工作",
    ),
)
