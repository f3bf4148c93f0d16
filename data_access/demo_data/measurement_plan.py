"""What each department reports: one line an indicator, with the size of its counts and how they differ and drift."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measure:
    """One reported indicator.

    code, name: of the indicator. department: who sends it. level: "village" or "township". every: months between
    reports (1 or 3). base: where the denominator comes from: "residents", "households", "units" (villages of the
    township), "firms", "posts" (cadre posts), "grid_workers" or "fixed". per_base: denominator for one of the base.
    proportion: the numerator never exceeds the denominator. level_now: rate (numerator / denominator) at the beginning;
    drift: change over the three years; township_sd, village_sd: lasting differences; rural_shift: added in rural
    villages; noise: from report to report. verified: readiness rows carry the day they were last checked.
    parts: dimension values in the departments' words, with their shift; the indicator is then reported by parts only.
    """

    code: str
    name: str
    department: str
    level: str
    every: int
    base: str
    per_base: float
    level_now: float
    drift: float = 0.02
    township_sd: float = 0.02
    village_sd: float = 0.0
    rural_shift: float = 0.0
    noise: float = 0.004
    proportion: bool = True
    verified: bool = False
    parts: dict[str, float] = field(default_factory=dict)


_PARTY, _CIVIL, _EMERGENCY, _DATA = "组织部", "民政局", "应急管理局", "大数据局"
_LAW, _POLICE, _ECONOMY, _HEALTH = "政法委", "公安分局", "经信局", "卫健局"
DEPARTMENTS = (_PARTY, _CIVIL, _LAW, _POLICE, _EMERGENCY, _HEALTH, _DATA, _ECONOMY)
# Departments that write 2020年3月 where the others write 2020-03.
WRITTEN_MONTHS = (_CIVIL, _LAW, _ECONOMY)

BODIES = {
    "党组织+社会组织": 0.05, "党员+志愿者": 0.09, "企业+乡贤": -0.12, "部门+协会": -0.05,
    "楼宇+物业": -0.02,
}  # fmt: skip
FUND_USES = {
    "平安建设": 0.06, "治理创新": -0.08, "社会组织培育": -0.03, "帮扶救助": 0.05, "志愿服务": 0.0,
}  # fmt: skip

MEASURES = (
    # Grassroots strength: every village, every quarter.
    Measure("officials_per_1000", "每千人村社干部", _PARTY, "village", 3, "residents", 1, 0.00135, 0.0001, 0.0002,
            0.0003, 0.0027, 0.0, proportion=False),
    Measure("post_vacancy", "岗位空缺率", _PARTY, "village", 3, "posts", 1, 0.085, -0.02, 0.03, 0.05, 0.02, 0.012),
    Measure("party_members_on_duty", "党员报到率", _PARTY, "village", 3, "residents", 0.038, 0.86, 0.04, 0.025,
            0.04, 0.03),
    Measure("coordinators_filled", "协管员到岗率", _LAW, "village", 3, "households", 0.0032, 0.91, 0.03, 0.03,
            0.05, -0.02),
    Measure("grid_workers_per_1000_households", "每千户网格员", _LAW, "village", 3, "households", 1, 0.0031, 0.0004,
            0.0003, 0.0006, 0.0012, 0.0, proportion=False),
    Measure("caseload_per_grid_worker", "网格员人均问题量", _LAW, "village", 3, "grid_workers", 1, 2.9, 0.1, 0.2, 0.5,
            0.2, 0.25, proportion=False),
    Measure("volunteers_per_1000", "每千人志愿者", _CIVIL, "village", 3, "residents", 1, 0.021, 0.008, 0.003,
            0.006, 0.004,
            0.0006, proportion=False),
    Measure("specialists_filled", "专业人才配备率", _CIVIL, "village", 3, "residents", 0.0011, 0.74, 0.07, 0.05,
            0.10, -0.12),
    Measure("service_centre_standard", "便民服务中心达标率", _CIVIL, "village", 3, "fixed", 12, 0.88, 0.05, 0.02, 0.05,
            -0.05, 0.0),
    Measure("monitoring_equipment", "前端感知设备完好率", _DATA, "village", 3, "households", 0.045, 0.93, 0.02,
            0.015, 0.02, -0.02),
    Measure("it_account_active", "业务系统账号活跃率", _DATA, "village", 3, "residents", 0.0042, 0.81, 0.08,
            0.03, 0.06, -0.06),
    # Base data.
    Measure("residents_registered", "人口登记完整率", _POLICE, "village", 3, "residents", 1, 0.962, 0.015, 0.006,
            0.009, 0.012, 0.002),
    Measure("migrants_registered", "流动人口登记率", _POLICE, "village", 3, "residents", 0.24, 0.885, 0.045,
            0.015, 0.03, -0.015, 0.008),
    Measure("rentals_registered", "出租房登记率", _POLICE, "village", 3, "households", 0.17, 0.90, 0.04, 0.015,
            0.025, -0.01, 0.006),
    Measure("building_firms_registered", "楼宇企业登记率", _ECONOMY, "township", 3, "firms", 0.35, 0.90, 0.04, 0.03),
    Measure("employees_registered", "企业员工登记率", _ECONOMY, "township", 1, "residents", 0.27, 0.905, 0.05, 0.02),
    Measure("sources_connected", "数据源接入率", _DATA, "township", 3, "fixed", 24, 0.66, 0.22, 0.07),
    # Emergency readiness.
    Measure("plans_current", "预案在有效期内", _EMERGENCY, "township", 3, "units", 3, 0.90, 0.05, 0.04, verified=True),
    Measure("graded_response_assigned", "分级响应责任落实率", _EMERGENCY, "township", 3, "units", 4, 0.93, 0.04,
            0.025, verified=True),
    Measure("classified_control_assigned", "公卫分类联控落实率", _HEALTH, "township", 3, "units", 5, 0.91, 0.05,
            0.03, verified=True),
    Measure("supplies_standard", "物资储备达标率", _EMERGENCY, "township", 3, "fixed", 36, 0.84, 0.07, 0.06,
            verified=True),
    Measure("supply_days", "物资可用天数", _EMERGENCY, "township", 3, "residents", 0.02, 16.0, 6.0, 4.0, noise=1.4,
            proportion=False, verified=True),
    Measure("drills_done", "演练完成率", _EMERGENCY, "township", 3, "units", 1, 0.80, 0.12, 0.06, noise=0.05,
            verified=True),
    Measure("order_relayed_in_time", "指令及时传达率", _EMERGENCY, "township", 1, "units", 9, 0.965, 0.015,
            0.012, verified=True),
    # Co-governance.
    Measure("cogovernance_bodies", "共治体组建率", _LAW, "township", 3, "units", 1, 0.62, 0.26, 0.06, parts=BODIES),
    Measure("petition_agents", "信访代办点覆盖率", _LAW, "township", 3, "units", 1, 0.78, 0.19, 0.05),
    Measure("mediation_success", "矛盾调解成功率", _LAW, "township", 1, "residents", 0.0011, 0.968, 0.012, 0.008,
            noise=0.008),
    Measure("fund_paid", "平安善治基金拨付率", _LAW, "township", 3, "fixed", 60, 0.71, 0.14, 0.06, noise=0.03,
            parts=FUND_USES),
    Measure("firms_paired", "干部联企覆盖率", _PARTY, "township", 3, "firms", 1, 0.83, 0.12, 0.04),
    Measure("departments_paired", "部门联镇街/村社覆盖率", _PARTY, "township", 3, "units", 1, 0.90, 0.09, 0.03),
    Measure("firm_requests_answered", "企业诉求答复率", _ECONOMY, "township", 1, "firms", 0.14, 0.95, 0.03,
            0.015, noise=0.015),
)  # fmt: skip
