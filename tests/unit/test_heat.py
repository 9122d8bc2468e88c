from pathlib import Path

import pytest

from edge_vsr.heat import NOTHING_KNOWN, RASPBERRY_LIMIT, FakeHeat, Heat, HeatSensor, SysfsHeat

PI4 = "devices/platform/soc/soc:firmware/get_throttled"
PI5 = "devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"


@pytest.fixture
def sensor(tmp_path: Path) -> SysfsHeat:
    return SysfsHeat(tmp_path)


def write(sensor: SysfsHeat, path: str, value: object) -> None:
    file = sensor.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{value}\n")


def zone(sensor: SysfsHeat, number: int, kind: str, temp: object, **trips: int) -> None:
    folder = f"class/thermal/thermal_zone{number}"
    write(sensor, f"{folder}/type", kind)
    write(sensor, f"{folder}/temp", temp)
    for at, (trip, millidegrees) in enumerate(trips.items()):
        write(sensor, f"{folder}/trip_point_{at}_type", trip)
        write(sensor, f"{folder}/trip_point_{at}_temp", millidegrees)


def chip(sensor: SysfsHeat, number: int, name: str, **files: int) -> None:
    write(sensor, f"class/hwmon/hwmon{number}/name", name)
    for file, value in files.items():
        write(sensor, f"class/hwmon/hwmon{number}/{file}", value)


def test_where_nothing_tells_nothing_is_known(sensor: SysfsHeat) -> None:
    assert sensor.read() == NOTHING_KNOWN == Heat(None, None, throttled=False, under_voltage=False)
    assert sensor.read().headroom is None


def test_this_machine_can_be_asked() -> None:
    heat = SysfsHeat().read()
    assert heat.celsius is None or -60 < heat.celsius < 200


@pytest.mark.parametrize("firmware", [PI4, PI5])
def test_a_raspberry_pi_slows_down_long_before_its_trip_point(sensor: SysfsHeat, firmware: str) -> None:
    write(sensor, firmware, "0")
    zone(sensor, 0, "cpu-thermal", 71500, critical=110000, active=60000)
    assert sensor.read() == Heat(71.5, RASPBERRY_LIMIT, throttled=False, under_voltage=False)
    assert sensor.read().headroom == pytest.approx(8.5)


@pytest.mark.parametrize(
    ("bits", "throttled", "under_voltage"),
    [
        ("0", False, False),
        ("1", False, True),
        ("2", True, False),
        ("4", True, False),
        ("8", True, False),
        ("0x5", True, True),
        ("50005", True, True),
        ("50000", False, False),
        ("f0000", False, False),
        ("", False, False),
        ("none of these", False, False),
    ],
)
def test_every_bit_of_the_firmware_is_told_apart(
    sensor: SysfsHeat, bits: str, throttled: bool, under_voltage: bool
) -> None:
    write(sensor, PI4, bits)
    assert sensor.read() == Heat(None, None, throttled=throttled, under_voltage=under_voltage)


def test_under_voltage_is_told_by_the_hwmon_driver_too(sensor: SysfsHeat) -> None:
    chip(sensor, 0, "nvme", in0_lcrit_alarm=1)
    chip(sensor, 1, "rpi_volt", in0_lcrit_alarm=0)
    assert not sensor.read().under_voltage
    chip(sensor, 1, "rpi_volt", in0_lcrit_alarm=1)
    assert sensor.read() == Heat(None, None, throttled=False, under_voltage=True)


def test_the_processor_counts_and_not_what_stands_beside_it(sensor: SysfsHeat) -> None:
    zone(sensor, 0, "acpitz", 99000, critical=100000)
    zone(sensor, 1, "iwlwifi_1", 80000)
    zone(sensor, 2, "x86_pkg_temp", 55000)
    assert sensor.read().celsius == 55.0


def test_without_a_processor_any_zone_counts(sensor: SysfsHeat) -> None:
    zone(sensor, 0, "acpitz", 40000, critical=105000)
    zone(sensor, 1, "board", 61000, critical=105000)
    assert sensor.read() == Heat(61.0, 105.0, throttled=False, under_voltage=False)


def test_the_sensor_nearest_to_its_limit_is_told(sensor: SysfsHeat) -> None:
    zone(sensor, 0, "bigcore0-thermal", 70000, passive=75000, critical=115000)
    zone(sensor, 1, "soc-thermal", 80000, critical=115000)
    zone(sensor, 2, "cpu-new", 90000)
    assert sensor.read() == Heat(70.0, 75.0, throttled=False, under_voltage=False)


def test_an_intel_processor_tells_its_limit_in_hwmon(sensor: SysfsHeat) -> None:
    zone(sensor, 0, "x86_pkg_temp", 91000, passive=0)
    chip(sensor, 0, "acpitz", temp1_input=27800)
    chip(sensor, 1, "coretemp", temp1_input=90000, temp1_max=100000, temp1_crit=105000, temp2_input=95000)
    assert sensor.read() == Heat(90.0, 105.0, throttled=False, under_voltage=False)


def test_what_cannot_be_a_temperature_is_left_out(sensor: SysfsHeat) -> None:
    zone(sensor, 0, "cpu-thermal", -273150, critical=110000)
    zone(sensor, 1, "cpu-thermal", "not now", critical=110000)
    zone(sensor, 2, "cpu-thermal", 65535000, critical=110000)
    assert sensor.read() == NOTHING_KNOWN


def test_a_driver_that_does_not_answer_is_no_error(sensor: SysfsHeat) -> None:
    zone(sensor, 0, "cpu-thermal", 50000)
    (sensor.root / "class/thermal/thermal_zone0/temp").unlink()
    (sensor.root / "class/thermal/thermal_zone0/temp").mkdir()
    assert sensor.read() == NOTHING_KNOWN


def test_counted_throttling_is_of_now_only_if_it_was_counted_since(sensor: SysfsHeat) -> None:
    counts = "devices/system/cpu/cpu{}/thermal_throttle/{}_throttle_count"
    for cpu in (0, 1):
        for kind in ("core", "package"):
            write(sensor, counts.format(cpu, kind), 17)
    assert [sensor.read().throttled, sensor.read().throttled] == [False, False]
    write(sensor, counts.format(1, "core"), 18)
    assert [sensor.read().throttled, sensor.read().throttled] == [True, False]


@pytest.mark.parametrize("kind", ["thermal-cpufreq-0", "cpufreq-cpu0", "Processor"])
def test_a_kernel_that_cools_by_slowing_down_is_seen(sensor: SysfsHeat, kind: str) -> None:
    write(sensor, "class/thermal/cooling_device0/type", "pwm-fan")
    write(sensor, "class/thermal/cooling_device0/cur_state", 3)
    write(sensor, "class/thermal/cooling_device1/type", kind)
    write(sensor, "class/thermal/cooling_device1/cur_state", 0)
    assert not sensor.read().throttled
    write(sensor, "class/thermal/cooling_device1/cur_state", 2)
    assert sensor.read().throttled


def test_the_fake_tells_what_it_was_told() -> None:
    fake = FakeHeat()
    sensor: HeatSensor = fake
    assert sensor.read() is NOTHING_KNOWN
    fake.heat = Heat(85.0, 80.0, throttled=True, under_voltage=False)
    assert (sensor.read(), sensor.read().headroom) == (fake.heat, -5.0)
