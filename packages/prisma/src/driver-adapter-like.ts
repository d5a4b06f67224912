/** A Prisma driver adapter as its user holds it, for example a `PrismaPg`: what is handed to `new PrismaClient`. */
export interface DriverAdapterFactoryLike {
  readonly provider: string
  readonly adapterName: string
  connect(): Promise<object>
}
