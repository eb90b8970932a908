"""The products of insurers: what each of them covers, as the insurer and we have agreed."""

from collections.abc import Mapping

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncSession

from venterom.queue.coverage.errors import BadProduct
from venterom.queue.coverage.loads import safe_cell
from venterom.queue.coverage.policies import LONGEST_INSURER, LONGEST_PRODUCT, OLDEST, Cover
from venterom.queue.coverage.tables import ProductRow, upsert


async def put_product(db: AsyncSession, *, insurer: str, product: str, cover: Cover) -> None:
    """Say what a product covers, from now on. Raises BadProduct."""
    if not (0 < len(insurer) <= LONGEST_INSURER and 0 < len(product) <= LONGEST_PRODUCT):
        raise BadProduct(
            f"a product's name has 1 to {LONGEST_PRODUCT} characters, its insurer's 1 to "
            f"{LONGEST_INSURER}"
        )
    if not (product.isprintable() and product == product.strip() == safe_cell(product)):
        raise BadProduct("as in a file, a product's name has no space around it and is no formula")
    if not cover.makes_sense:
        raise BadProduct(
            f"uses begin at 1, ages go up and end at {OLDEST}, and a country is two letters"
        )
    values = {name: getattr(cover, name) for name in Cover.__slots__}
    values["countries"] = ",".join(sorted(cover.countries))
    row = upsert(db, ProductRow).values(insurer=insurer, product=product, **values)
    keys = ["insurer", "product"]
    await db.execute(row.on_conflict_do_update(index_elements=keys, set_=values))


async def products_of(db: AsyncSession, insurer: str) -> Mapping[str, Cover]:
    """An insurer's products by their names."""
    query = select(ProductRow.__table__).where(ProductRow.insurer == insurer)
    rows = await db.execute(query.order_by(ProductRow.product))
    return {row.product: cover_of(row) for row in rows}


def cover_of(row: Row[tuple[object, ...]]) -> Cover:
    """What a row with the columns of a product says."""
    countries = frozenset(row.countries.split(",")) - {""}
    return Cover(
        row.uses_per_year,
        row.youngest,
        row.oldest,
        row.children,
        row.children_until,
        countries,
    )
