import { describeOrm } from '../conformance/orm-suite.ts'
import { harness } from './support/harness.ts'

describeOrm(harness)
