import type { DataSource, Repository } from 'typeorm'
import type { ExactScenario, RecordedScenario } from '../../conformance/orm-harness.ts'
import type { Product } from './shop-entities.ts'

type Work = (dataSource: DataSource) => PromiseLike<unknown>

/** A way to write whose every row has an entry. */
export function exact(name: string, run: Work, arrange?: Work): ExactScenario<DataSource> {
  return { name, expects: 'exact', run, ...(arrange && { arrange }) }
}

/** What a statement that is not captured row by row announces, as a scenario tells it. */
export interface Announced {
  readonly announces: readonly string[]
  readonly arrange?: Work
}

/** A way to write that is announced. */
export function recorded(name: string, run: Work, announced: Announced): RecordedScenario<DataSource> {
  return { name, expects: 'recorded', run, ...announced }
}

/** What a product needs. */
export function productData(sku: string): Pick<Product, 'sku' | 'name' | 'price'> {
  return { sku, name: sku, price: '9.90' }
}

/** The repository of products. */
export function products(dataSource: DataSource): Repository<Product> {
  return dataSource.getRepository<Product>('Product')
}

/** Makes products, for an `arrange`. */
export function makeProducts(...skus: readonly string[]): Work {
  return (dataSource) => products(dataSource).insert(skus.map(productData))
}

/** The outcome of work that is to fail: what the application can see of the error. */
export async function failureOf(work: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return error
  }
}
