from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "haven.attendance.registers"
    label = "registers"
