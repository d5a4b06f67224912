/** Express 4 under its alias; what the tests call is the same in both. */
declare module 'express4' {
  const express: typeof import('express')
  export = express
}
