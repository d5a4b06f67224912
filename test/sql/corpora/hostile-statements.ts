import { statementsOf } from './statements-of.ts'

const longName = 'n'.repeat(63)

/** Statements written to break the planner: what it may misread, at the edges of PostgreSQL's grammar and lexer. */
export const hostileStatements: readonly string[] = [
  ...statementsOf(String.raw`
update t set a = x.distinct from x where x.id = t.id

update t set a = x.from from x

update t set a = b is not distinct from x.distinct from x where t.c is distinct from x.from

update t set a = (select 1 from u) from rows from (f(1), g(2)) as r where r.a = 1

update t set a = 1 from (select 1 as where) as u where u.where = 1 returning u.where as where

update t set a = (select b as "from" from u) where c

insert into t select a as as returning id

insert into t select x.as returning id

insert into t select x.returning as returning returning id as returning

insert into t select a as on, b as conflict from u on conflict (a) do nothing

insert into t select a from u join v on conflict(a) = 1 on conflict do nothing

insert into t select a from u join v on conflict(a) = 1

insert into t select a do from u on conflict (a) do update set a = excluded.a where t.b

insert into t (values (1)) on conflict do nothing

insert into t (values) values (1)

insert into t (values, b) (values (1, 2)) returning values

insert into t ((select 1)) returning *

insert into t (a[1], b.c) select 1, 2

insert into t as "on conflict" (a) values (1) on conflict (lower(a) collate "C" text_ops) where a > '' do update set (a, b[2]) = row (1, 2), c = default, d.e = 3 where "on conflict".a is distinct from excluded.a

insert into t values (1) on conflict (a) do update set a = (select 1 from u where v), b = case when c then d end where (select true where false) returning (select 1 where true), a

insert into s.t overriding user value table only u

insert into t with recursive x as (select 1), y (a) as not materialized (select 2) table y

with x as (select 1), y (a) as materialized (values (1)) update t set a = x.a from x where t.b = x.b returning *

with recursive x as (select 1 union all select 2) delete from t using x where t.id = x.id

with recursive as (select 1) insert into t select * from recursive

with recursive (a) as (select 1) delete from t

with delete as (select 1) select * from delete

with x as (select 1) (select 2)

with x as (select 1 for update) update t set a = 1

with x as (select 1) search depth first by a set b select * from x

with x as (update t set a = 1 returning *) delete from u using x

with x as (merge into t using u on true when matched then delete returning *) select * from x

with x as (select 1) merge into t using x on true when matched then delete

with x as (select 1) select * into u from x

select a.into from a

select 1 as "into"

select * from t for no key update of t

select * from t for no key update; delete from t

select substring(a from 1 for update) from t

select 1 union select 2 into t

table t for update

update t set a = 1 /* /* */ where b = 1 -- */

update t set a = 1 /* -- */ where b = 1

update t set a = 1 -- /*
where b = 1 -- */

update t set a = '/*' where b = '*/'

update t set a = b */* c */ 2 where d @-- e
 > 1

update t set a = -(-1), b = c - -1, d = @-1, e = !!f where g <-> h < 1

update t set a = b::jsonb #>> '{x,y}', c = d::jsonb -> 'e' ->> 0 where f::jsonb @? '$.a[*] ? (@.b > 2)' and g ?| array['h', 'i'] and j ?& '{k}'

update t set a = b[1][2:3], c = (d).e.f[4], g = (array[1, 2])[1], h[1:] = '{}', i[:2] = '{}' where j[k[1]] = l [ 2 ]

update t set a = $1::text, b = ($2)::int[], c = array[$10]::text[] where d = any($3)

update t set a = $a$ $b$ $a$, c = $$ $a$ $$, d = $ä$;$ä$, e$f$ = 1 where g = $g$$g$

update t set a$b = a$b$c, d = e$ where f$$ = 1

update t set a = $x$ $$ ; delete from u; $$ $x$ where b = 1

select $x$ $y$ ; delete from t; $y$ $x$

select $x$ '$x$, $$ " $$, '$$', "$$"

update t set a = e'\'', b = E'\\', c = e'\\\'' where d = 'e'

update t set a = e'\\' where b = '\' returning c, 'd'

update t set a = e'x'
  'y\' where z; delete from u --' where b = 1

update t set a = 'x'
  'y' where b = '\'

update t set a = n'b', c = b'01', d = X'1F', e = U&'\0061' uescape '!' where f = u&'\'

update t set a = U&'!0061''; delete from u --' uescape '!' where b = 1

update "insert" set "update" = 1 where "delete" = 2 returning "into", "merge"

update t set "a""b" = 1, "c.d" = 2, "e;f" = 3, "g--h" = 4 where "i/*j" = 5

update "S"."T" as "A B" set "C" = 1 where "A B"."D" = 2

update T as X set A = 1 where X.B returning X.*

delete from t as set where set.a = 1

delete from only t * as u using only v * where u.a = v.a

update t returning_ set a = 1 returning 1 as returning

delete from t "from" using u "where" where "where".a = "from".a returning "from"

delete from t using u join v using (a) where u.b = t.b

delete from t using (a join b using (c)) where c

delete from t where exists (select 1 from u where u.a = t.a) returning (select max(x) from (values (1)) v (x))

delete from t where a = 1; -- done

/* a */ delete /* b */ from /* c */ t /* d */ where /* e */ a /* f */ returning /* g */ b /* h */ ; /* i */

update t set a = 1 returning old

update t set a = 1 returning "old".a, "new".b

update t set a = 1 returning row_to_json(new), (old).a

update t set a = 1 returning with (new as n) n.*, old.a

update t as old set a = 1 returning old.a

update t set a = 1 returning with (old as "o ""x""", new as new) "o ""x""".a, new.a

insert into t values (1) on conflict (a) do update set a = 2 returning with (old as o) o.a, new.b, *

delete from t returning t.old, x.new

delete from t returning 2 * 3, a*b, c.*, (d).e * 2

delete from t returning (t).*

delete from t returning a * c.*

update"t"set"a"="b","c"='d'where"e"='f'returning"g"

insert into"t"("a")values('b')on conflict("a")do update set"a"='c',"d"="e"where"t"."f"returning"g"

delete from t returning count, -a, * , b

delete from t returning (select * from u)

update t set a = 1 where b between 1 and 2 and c at time zone 'utc' > now() and d like 'e' escape '!' and f similar to 'g' and h is json object and i in (select 1) and not j and k overlaps l

update t set a = 1 where (b, c) overlaps (d, e) and f is of (int) or g is normalized

update t set a = xmlelement(name foo, xmlattributes(b as c), 'd'), e = json_object('f': 1, 'g' value 2 absent on null), h = json_array(select 1), i = json_arrayagg(j order by k returning text)

update t set a = cast(b as numeric(10, 2)), c = extract(year from d), e = position('f' in g), h = trim(leading from i), j = collation for (k), l = interval '1' day, m = interval(3) '1 s', n = timestamp with time zone '2020-01-01'

update t set a = count(*) filter (where b) over (partition by c order by d rows between unbounded preceding and current row exclude no others) where e

update t set a = rank() within group (order by b), c = f(variadic d), g = h(i => 1, j := 2)

update t set a = b operator(pg_catalog.+) c where d operator(s.=) e

update t set (a) = (select 1), (b, c) = (1, default), (d, e) = ((select 1), 2), f = (1, 2)

update t set a = b = c, d = e <> f, g = h <= i where j => k

update t set a = b = c, d = e <> f, g = h <= i where j >= k

update t set a = (1), b = ((2)), c = ('d')::text || 'e', f = not g where h is true

update t set a = default, b = (default) where c

update t set a = default, (b) = (default) where c

update t set default = 1

update t set set = 1 where set = 2

update t set value = 1, name = 2, type = 3, key = 4, excluded = 5, nothing = 6, conflict = 7, "do" = 8

update t set a = values.b from values where c

update t set a=1where b=2

update t set a = 1.where b

update t set a = 1e5where b

update t set a=.5,b=5.,c=1.5e-3,d=1_0.0_1,e=0b1,f=0o7,g=0xA_B where h=1

update t set a = 1 where b = 1..2

delete from t where a = current_timestamp and current_user = 'x'

delete from t where current of c

select set_config('search_path', 'x', false)

select pg_catalog.set_config('ROLE', 'x', true), set_config('role', 'y', true)

select set_config(a, b, true) from c

select set_config('a' || 'b', 'c', true)

select "set_config"('role', 'x', true)

select set_config(setting_name => 'role', new_value => 'x', is_local => true)

update t set a = set_config('role', 'x', true)

select lower(a), s.lower(b), "f"(c), over(1), filter(2), d(3) over (order by e) from g

select count(*) filter (where a) over (partition by b) from c as d(e, f)

select 1 where a = any (select b) and c = all (array[1]) and exists (select 1)

explain select f(1)

explain verbose delete from t

explain (verbose, costs off, format json) with x as (delete from t returning *) select * from x

explain (analyze off) delete from t

explain (verbose true, "analyze" true) delete from t

explain (analyze) insert into t values (1)

explain analyze verbose delete from t

explain analyse select 1

explain create table x as select 1

explain execute p

explain (select 1)

explain (verbose) (select 1)

explain merge into t using u on true when matched then delete

declare c cursor for select * from t for update

declare c insensitive scroll cursor with hold for with x as (select 1) select f(1) from x

fetch all from c

move backward 3 in c

close c

begin work

begin transaction isolation level repeatable read, read only, not deferrable

start transaction read write

commit work

commit transaction and no chain

end and chain

abort and chain

rollback work to savepoint savepoint

rollback to work

savepoint Sp

savepoint "Sp"

release savepoint "a""b"

release savepoint savepoint

prepare transaction 'x'

rollback prepared 'x'

prepare begin as select 1

set a to b

set a.b.c = 'd'

set "Search_Path" = x

set session search_path to x

set local a.b to 1

set session = 1

set session to 1

set local = 1

set local to 1

set session authorization x

set session session authorization default

set local session authorization 'x'

set session characteristics as transaction isolation level serializable

set transaction read only

set local transaction read only

set transaction snapshot '0-1'

set constraints all immediate

set constraints a, b deferred

set time zone 'utc'

set local time zone interval '1' hour to minute

set schema 'x'

set names 'utf8'

set role x

set role to x

set local role none

set xml option content

set time = 1

set names = 1

reset role

reset session authorization

reset time zone

reset transaction isolation level

reset a.b

reset all

show search_path

show time zone

show transaction isolation level

discard all

discard plans

discard temp

discard temporary

discard sequences

deallocate p

deallocate prepare all

listen "x"

unlisten *

notify x

lock table only t, u in share row exclusive mode nowait

analyze

analyze (verbose, skip_locked) t (a, b)

analyse verbose

vacuum analyze t

vacuum (analyze)

checkpoint

load 'x'

cluster t using i

reindex (verbose) table concurrently t

create temp table x (a int)

create local temporary table x as select 1

select 1 into temp x

create table pg_temp.x (a int)

create unlogged table if not exists s.x (a int)

create table x as execute p

create materialized view v as select 1

create index concurrently i on t (a)

create database x

create function f() returns int language sql begin atomic; delete from t; select 1; end

create procedure p() begin atomic insert into t values (1); end

create rule r as on insert to t do also (insert into u values (1); delete from v)

create trigger g before update of a on t for each row when (old.a is distinct from new.a) execute function f()

create policy p on t for update using (true)

create schema s create table x (a int) create view v as select 1

alter table if exists only s.t add b int

alter system set a = 1

drop table if exists t, s.u cascade

drop index concurrently i

truncate only t, s.u restart identity

copy s.t (a, b) from stdin with (format csv)

copy (select 1) to stdout

copy t to program 'x'

copy t from program 'x' where a > 1

merge into only s.t as x using u on true when matched then do nothing

call p(1)

do language plpgsql 'begin delete from t; end'

execute p (1)

prepare p (int) as insert into t values ($1)

grant insert, update on t to x

comment on table t is 'delete from t'

security label on table t is 'x'

import foreign schema x from server y into z

refresh materialized view concurrently v

;;select 1;;

;

select 1; select 2; select 3

begin; select 1; commit

delete from t; delete from t

select 1; drop table t

select 1;-- drop table t

select ';' ; select ';'

set a = 1; delete from t

values (1), (2) order by 1 limit 1

(values (1)) union all (table t)

((select 1) limit 1)

select

select from t

delete from t where

`),
  '',
  ' \t\r\n\f\v',
  '-- nothing',
  '/* /* nothing */ */',
  '\uFEFFselect 1',
  'select\u00a01',
  'delete\u00a0from t',
  'delete from t\u00a0where a = 1',
  'delete from t\u00a0x where a = 1',
  'delete from \u00a0t where a = 1',
  'update t \u00a0x set a = 1 where b',
  'update t set a = b\u00a0 where c\u00a0',
  'delete from t where a\u00a0returning b',
  'select 1 as x\u00a0; delete from t',
  'update t set a\u00a0= 1, b = a\u00a0where c = 1',
  'update t set a = b\u00a0from where c = 1',
  'update t set a = 1 where b\u2003= 2',
  'update t set a = 1 -- x\u2028where b = 1',
  'update t set a = 1 -- x\u0085where b = 1\nwhere c',
  'update t set a = 1 -- x\rwhere b = 1',
  'update\vt\fset\ra = 1',
  'update t \u017fet a = 1',
  'update t set a = 1 where \u0131nto = 1 returning \u0130nto',
  'select 1 \u0131nto t',
  'set \u00dcber = 1',
  'reset \u0130nto',
  'select 1 \uFF1B delete from t',
  'select \uFF07; delete from t --\uFF07',
  'update \u00c4rger set \u00dcber = 1 where \u00e4 = 2',
  'update "\u00c4"."\u00df" as \u00d6 set a = 1 where \u00d6.b',
  "update t set a = '\u{1F600}', b = '\u00e4\u00f6' where c = '\u4e2d\u6587' returning \"\u{1F600}\", d",
  "select '\u{1F600}'; delete from t",
  "insert into \u8868 (\u5217) values ('\u503c') on conflict (\u5217) do update set \u5217 = excluded.\u5217 where \u8868.\u5217 <> '\u{1F600}'",
  `update ${longName} set a = 1 where ${longName}.b`,
  `update "${longName}" set "${longName}" = 1`,
  `update ${longName}x set a = 1`,
  `update t set ${longName}x = 1`,
  `update "${'\u00e4'.repeat(32)}" set a = 1`,
  `update t as ${longName}x set a = 1 returning ${longName}x.a`,
  `savepoint ${longName}x`,
  `delete from t where a = ${'('.repeat(500)}1${')'.repeat(500)}`,
  `insert into t values ${Array.from({ length: 300 }, (_, row) => `(${row}, 'a;b''c', $${row + 1})`).join(', ')}`,
]
