import { harness } from '../prisma/support/prisma-harness.ts'
import { describeWithTriggers } from './orm-scenarios.ts'

describeWithTriggers(harness)
