import { DataSource } from 'typeorm'

/**
 * Runs work for every data source that was initialized, before the application gets it. When the work fails, the data source
 * is closed and `initialize` rejects, as it does for a failure of TypeORM's own.
 *
 * TypeORM fires no event at that point, so the public method is wrapped, once per process.
 */
export function atInitialize(work: (dataSource: DataSource) => Promise<void>): void {
  const { initialize } = DataSource.prototype
  DataSource.prototype.initialize = async function () {
    await initialize.call(this)
    try {
      await work(this)
    } catch (error) {
      await this.destroy()
      throw error
    }
    return this
  }
}
