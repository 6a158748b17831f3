"""档案信息登记 and 户口信息登记: where a graduate's archive is sent and the hukou moves (W7, W8)."""
