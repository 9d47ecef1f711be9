from haven.platform.ordering import natural_order


def test_classes_come_in_the_order_in_which_people_say_them() -> None:
    names = ["10 Merlin", "9 Osprey", "R Acorn", "10A", "7b", "7A", "Base 12", "Base 2", ""]
    assert sorted(names, key=natural_order) == [
        "", "7A", "7b", "9 Osprey", "10 Merlin", "10A", "Base 2", "Base 12", "R Acorn"
    ]  # fmt: skip
