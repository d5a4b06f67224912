import express from 'express'
import express4 from 'express4'
import { describeFramework } from './suite/describe-framework.ts'
import { expressFramework } from './support/express-app.ts'

describeFramework(expressFramework('Express 5', express))
describeFramework(expressFramework('Express 4', express4))
