"""Where the settings say that state, catalog and table files lie. Drivers are imported by those who need them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from townlake.domain.location import is_s3, path_of

if TYPE_CHECKING:
    import sqlalchemy as sa
    from pydantic import SecretStr

    from app.settings import Settings
    from townlake.catalog.files import Files
    from townlake.catalog.rest_service import RestAddress
    from townlake.catalog.s3_files import S3Store


def server(address: SecretStr | None) -> sa.URL | None:
    """The PostgreSQL of a setting, where it names one."""
    from townlake.state.postgres import postgres_url

    return None if address is None else postgres_url(address.get_secret_value())


def catalog_place(settings: Settings) -> sa.URL | RestAddress | None:
    """Where the Iceberg catalog is; None for a file of the home."""
    database = server(settings.catalog_database)
    if database is not None or settings.catalog_uri is None:
        return database
    from townlake.catalog.rest_service import RestAddress

    credential = settings.catalog_credential
    secret = None if credential is None else credential.get_secret_value()
    return RestAddress(settings.catalog_uri, secret, settings.catalog_warehouse)


def table_files(settings: Settings) -> Files:
    """The files of the tables."""
    from townlake.catalog.files import LocalFiles

    place = settings.warehouse
    if place is None:
        return LocalFiles(settings.home / "warehouse")
    if not is_s3(place):
        return LocalFiles(path_of(place))
    from townlake.catalog.s3_files import S3Files

    return S3Files(place, s3_store(settings))


def s3_store(settings: Settings) -> S3Store:
    """How the object storage of the settings is reached."""
    from townlake.catalog.s3_files import S3Store

    secret = settings.s3_secret_key
    return S3Store(
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        access_key=settings.s3_access_key,
        secret_key=None if secret is None else secret.get_secret_value(),
        path_style=settings.s3_path_style,
    )
