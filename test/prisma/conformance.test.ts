import { describeOrm } from '../conformance/orm-suite.ts'
import { harness } from './support/prisma-harness.ts'

describeOrm(harness)
