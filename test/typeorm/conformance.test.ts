import { describeOrm } from '../conformance/orm-suite.ts'
import { harness } from './support/typeorm-harness.ts'

describeOrm(harness)
