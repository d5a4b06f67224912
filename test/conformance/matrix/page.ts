/** What stands above the tables of docs/coverage.md. */
export const introduction = `# Coverage: every way to write, measured

What the trail holds of each operation, for each ORM, on PostgreSQL 15, 16, 17 and 18. Nothing here is written by hand: each cell is
what a run of the [conformance suite](../test/conformance/README.md) measured, row triggers being the witness, and a run whose result
differs from its cell fails. A cell that stands on several scenarios says the worst of them.

| | |
| --- | --- |
| \`exact\` | every row that changed has its entry: same table, key, images, order, transaction; one that did not change has none |
| \`recorded\` | the statement ran, and an entry (op \`statement\`, \`truncate\` or \`ddl\`) tells its verb, the tables as far as known, and its text without literals; or the statement's own rows are exact, and the tables in which foreign key actions may have changed rows are named |
| \`not seen\` | the statement's own rows are exact, and the database changed rows beside them of which nothing in the trail tells, unless the [completeness check](design/capture.md#the-completeness-check) is on, which it is not by default |
| \`-\` | the ORM, or this version of PostgreSQL, has no such operation, or none that is not SQL of your own |

With \`onUncaptured: 'throw'\` exactly the SQL that would be recorded is refused before it runs: that is measured too.
Where versions differ, a cell names them: \`recorded (15, 16), exact (17, 18)\`.
`
