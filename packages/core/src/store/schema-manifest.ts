/**
 * The facts of a freshly migrated audit schema. Generated, never edited: after a new migration, run
 * `npx vitest run -u --project postgres-18 test/store/schema-manifest.test.ts`
 */
export const SCHEMA_MANIFEST: string = `
column capture_trigger.definition_hash: text not null
column capture_trigger.function_name: text not null
column capture_trigger.made_at: timestamp with time zone not null default clock_timestamp()
column capture_trigger.redact: json not null
column capture_trigger.table_name: text not null
column capture_trigger.table_schema: text not null
column checkpoint.at: timestamp with time zone not null default clock_timestamp()
column checkpoint.head: bytea not null
column checkpoint.note: text not null
column checkpoint.root: bytea not null
column checkpoint.size: bigint not null
column checkpoint.tree: bytea not null
column context.actor_id: text
column context.actor_type: text
column context.context: json
column context.correlation_id: text
column context.inner_pad: bytea
column context.outer_pad: bytea
column context.secret_stems: text[]
column context.secret_words: text
column context.tenant: text
column entry.actor_id: text
column entry.actor_type: text
column entry.after: json
column entry.at: timestamp with time zone not null default clock_timestamp()
column entry.before: json
column entry.context: json
column entry.correlation_id: text
column entry.id: bigint not null generated always as identity
column entry.op: text not null
column entry.row_key: text
column entry.salt: uuid not null default gen_random_uuid()
column entry.table_name: text
column entry.table_schema: text
column entry.tenant: text
column entry.tx: text not null default (pg_current_xact_id())::text
column link.entry_hash: bytea not null
column link.entry_id: bigint not null
column link.hash: bytea not null
column link.image_hash: bytea not null
column link.prev_hash: bytea not null
column link.seq: bigint not null
column migration.applied_at: timestamp with time zone not null default clock_timestamp()
column migration.name: text not null
column migration.version: integer not null
column origin.created_at: timestamp with time zone not null default clock_timestamp()
column origin.log_id: uuid not null default gen_random_uuid()
column origin.only_row: boolean not null default true
column pending.id: bigint not null
column trail.actor_id: text
column trail.actor_type: text
column trail.after: json
column trail.at: timestamp with time zone
column trail.before: json
column trail.context: json
column trail.correlation_id: text
column trail.entry_hash: text
column trail.hash: text
column trail.id: bigint
column trail.op: text
column trail.prev_hash: text
column trail.row_key: text
column trail.salt: uuid
column trail.seq: bigint
column trail.table_name: text
column trail.table_schema: text
column trail.tenant: text
column trail.tx: text
constraint capture_trigger.capture_trigger_pkey: PRIMARY KEY (function_name)
constraint checkpoint.checkpoint_head_check: CHECK ((octet_length(head) = 32))
constraint checkpoint.checkpoint_pkey: PRIMARY KEY (size)
constraint checkpoint.checkpoint_root_check: CHECK ((octet_length(root) = 32))
constraint checkpoint.checkpoint_size_check: CHECK ((size > 0))
constraint checkpoint.checkpoint_tree_check: CHECK (((octet_length(tree) % 32) = 0))
constraint entry.entry_pkey: PRIMARY KEY (id)
constraint link.link_entry_hash_check: CHECK ((octet_length(entry_hash) = 32))
constraint link.link_entry_id_key: UNIQUE (entry_id)
constraint link.link_hash_check: CHECK ((octet_length(hash) = 32))
constraint link.link_image_hash_check: CHECK ((octet_length(image_hash) = 32))
constraint link.link_pkey: PRIMARY KEY (seq)
constraint link.link_prev_hash_check: CHECK ((octet_length(prev_hash) = 32))
constraint link.link_seq_check: CHECK ((seq > 0))
constraint migration.migration_pkey: PRIMARY KEY (version)
constraint origin.origin_only_row_check: CHECK (only_row)
constraint origin.origin_only_row_key: UNIQUE (only_row)
constraint origin.origin_pkey: PRIMARY KEY (log_id)
function announced_relations(announced jsonb): returns SETOF oid sql stable search_path=pg_catalog, pg_temp sha256 6783d48c729102d4160e3f15aeebaaf570b45d0215d81a5d23a4b1525096b9e7
function begin_capture(relation oid, table_schema text, table_name text, relation_schema text, relation_name text, words text, stems text[]): returns indelible.context plpgsql volatile sha256 caa52236c5e9286f0d09f32d3a1db8c970ec6c5e68b837d61b9490d555606dff
function capture_key(relation oid, rules jsonb): returns text sql stable search_path=pg_catalog, pg_temp sha256 4747e1149e8b0919acff7fe1d286e15009b84129a7a14ffa4dcbed0c8eff6116
function capture_rules(relation oid, policy jsonb): returns jsonb sql stable search_path=pg_catalog, pg_temp sha256 06042dea8097abb84f31d950112d2c875f2891232c419803f8b6e3c6b6523acc
function capture_truncate(): returns trigger plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 06ec806a882f3ca0744c52c076d9dbe334ffbb1553b206a01174054c8916930c
function carried(context indelible.context, relied regclass[]): returns indelible.context plpgsql volatile search_path=pg_catalog, pg_temp sha256 6ddd23b014d03c82b42311974985d4a32165247bf732afb386286ea4b8aa0e1c
function carry(context indelible.context, relation regclass, announced json, relied regclass[]): returns boolean plpgsql volatile search_path=pg_catalog, pg_temp sha256 1d9889cbd243e6f5db614eca11293e7d5979ddd1f0ff3fe4ba092661ca45744a
function cascade_state(relations oid[], partitioned oid[]): returns text plpgsql stable search_path=pg_catalog, pg_temp plan_cache_mode=force_generic_plan sha256 71633cea12d50a925db6284c19c5da44c9b115ea64250a2db0986c7589d09219
function caused_by(context indelible.context, cause text): returns indelible.context plpgsql immutable search_path=pg_catalog, pg_temp sha256 32e7bc7db677ecb01df392a6271252505ffe896726a414b8e5083898865dfbfa
function changes(image_before json, image_after json): returns TABLE(before json, after json) sql stable sha256 821d889f241bc03ec2a40c67bad1269aca2ec3074d78b7723bc1183e0b321369
function check_changes(captured jsonb, announced jsonb, refuse boolean, context indelible.context): returns boolean plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 464cdb55c289e6c256895a5c87dcd84475d041dc66ba530dbba891c68a044fe0
function computed_image(relation oid, value anyelement): returns json plpgsql stable search_path=pg_catalog, pg_temp sha256 fa590b6edad398838411d551a2537df6bd6a965d9a3cb2fad2313e41299a9e1b
function context_of_writer(words text, stems text[]): returns indelible.context plpgsql volatile sha256 627aa18c93d51ccef811570ad1131c1546bd50a1274e6723c86a9afc4017e8d4
function counted_rows(): returns jsonb plpgsql volatile search_path=pg_catalog, pg_temp sha256 1ab99362b4eab7f971faacd6b0a1925ac9113b43385c9e3d07cb2604462e7689
function exact_json(value anyelement): returns json plpgsql stable search_path=pg_catalog, pg_temp DateStyle=ISO IntervalStyle=postgres bytea_output=hex extra_float_digits=1 quote_all_identifiers=off sha256 87952f68f375894d7966d5fa620ca3a2245f224cfbd8574f7b089177c0da812d
function exact_text(value anyelement): returns text plpgsql stable search_path=pg_catalog, pg_temp DateStyle=ISO IntervalStyle=postgres bytea_output=hex extra_float_digits=1 quote_all_identifiers=off TimeZone=UTC sha256 de1529497adc32500c14048230d0ff143e4a0e9ef8c7dd6074768fa3d36cdafe
function fingerprint(value text, context indelible.context): returns text sql immutable security definer search_path=pg_catalog, pg_temp sha256 e804b745ece61b7ad35e66f30dc8e334d499bc216c9927e5db1263ecaefc6e8c
function foreign_key_changes(OUT followed jsonb, OUT announced jsonb): returns record plpgsql volatile search_path=pg_catalog, pg_temp sha256 8ad535b430bd4fae0cdccf2938b31b7d72c673d02dcf1c1e2399b34e86a103b5
function is_known_row(image json, columns text[], documents text[]): returns boolean plpgsql stable strict search_path=pg_catalog, pg_temp sha256 5014eb73f851eaf12a7a7a6388397aae6979431c30010c294d3dfcdd01d5a60b
function is_readable(document json): returns boolean plpgsql stable search_path=pg_catalog, pg_temp sha256 c8278f6ea24271ad0b77b28076bde8590a819c986ef1f4915cada640de0c448a
function is_secret_name(name text, words text): returns boolean sql immutable search_path=pg_catalog, pg_temp sha256 1fa86a6833e28f94cbb2560bd0a6c2cdf343b60fa934a4aa810e0e328a5ac519
function keep(row_key text, image json): returns boolean plpgsql volatile search_path=pg_catalog, pg_temp sha256 9dcd7290028e40948d6808f1a98004fa4a7ebafcc885d011b0b0e9999943dcb7
function keep_changes(): returns boolean plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 4e926c848a0c7aaba669692da41a7e5655083f88235cf1ac3f28b5899a41bbb4
function log(operation text, table_schema text, table_name text, row_key text, before json, after json, context indelible.context, rules jsonb, effects json): returns boolean plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 184e4c3a6f0ea903b881dd1e185f0812320749447c1885c72866a2b10a410cd7
function log_effects(operation text, table_schema text, table_name text, effects json, cause bigint, context indelible.context): returns void plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 6471dc832f2f50671f6f4ffea0482e69bca0f3f670de8d342f6e7df3afab5e34
function log_event(table_schema text, table_name text, row_key text, details json, context indelible.context): returns bigint plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 7897d53baed11bc8ea06052d9d36ef92590b48c876aad2995def98924c194b81
function log_rows(operation text, table_schema text, table_name text, row_keys text[], befores json[], afters json[], context indelible.context, rules jsonb, effects json): returns boolean plpgsql volatile security definer search_path=pg_catalog, pg_temp plan_cache_mode=force_generic_plan sha256 6d26260871c6628d52b862c42fbcda04bfadda272bf87e1dfdeea01f3b41a690
function log_statement(operation text, table_schema text, table_name text, details json, context indelible.context): returns boolean plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 4f93a282f47dd270b7dc106763691a722d8eda66b3e0e8feab7c0f971ae2db91
function mark_changes(): returns boolean plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 444048b34f50bd9d1ce4cc8d3a0572a631eb13747fb6de4811703a00d3d0ede7
function minus_counts(counts jsonb, others jsonb): returns jsonb plpgsql immutable search_path=pg_catalog, pg_temp sha256 b5fa9bc173fa1dec69fd3d9410d5f380bbab37c75fe0d1a30fe260f9248fd42c
function redact(image json, rules jsonb, context indelible.context): returns json plpgsql stable search_path=pg_catalog, pg_temp sha256 6bdaf506619eb61f91bf430e39a846ee9ae74d032a263a0589f19eca37265d96
function redact_document(document json, words text, stems text[]): returns text plpgsql stable security definer search_path=pg_catalog, pg_temp sha256 0bd52ca5c38df9a8a8e2c1afdf7b53a7643d6f37a484c7a5446cbf27c1dabac2
function redact_keys(document json, words text, depth integer): returns json plpgsql immutable search_path=pg_catalog, pg_temp sha256 de5e9d8be258ae799b35eaa316040893c1595ef37c9559984b25c0943bd29c33
function refuse_change(): returns trigger plpgsql volatile search_path=pg_catalog, pg_temp sha256 732702d6bbabb3cc9ea1b173e7ea9d052411ac0f827a7f6df953d0d25f28b634
function require_captured(relations regclass[]): returns boolean plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 5e21e99101909790aeec06e3c1b4a6b67749d378140ce8cb03c77683962a25df
function restore_changes(): returns boolean plpgsql volatile security definer search_path=pg_catalog, pg_temp sha256 45629f60a28133de6b1acdff293d84f600d0ee1318baa24ccf9d07deef3927d4
function uncaptured_changes(counted jsonb, captured jsonb): returns TABLE(relation oid, inserts bigint, updates bigint, deletes bigint, seen_inserts bigint, seen_updates bigint, seen_deletes bigint) plpgsql stable search_path=pg_catalog, pg_temp sha256 ff0e1b5316018321b24497d0162b70f54bcdec71d3820a9eae5a3519474a1100
rule trail._RETURN: sha256 f0bf3d85ac2ffbcaf23f2958df0f65d4c2f93f53606eeefa1800c16a53549dcf
table capture_trigger: ordinary permanent
table checkpoint: ordinary permanent
table context: type permanent
table entry: ordinary permanent
table link: ordinary permanent
table migration: ordinary permanent
table origin: ordinary permanent
table pending: ordinary permanent
table trail: view permanent
trigger checkpoint.append_only: CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON indelible.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION indelible.refuse_change() enabled always
trigger entry.append_only: CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON indelible.entry FOR EACH STATEMENT EXECUTE FUNCTION indelible.refuse_change() enabled always
trigger link.append_only: CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON indelible.link FOR EACH STATEMENT EXECUTE FUNCTION indelible.refuse_change() enabled always
trigger origin.append_only: CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON indelible.origin FOR EACH STATEMENT EXECUTE FUNCTION indelible.refuse_change() enabled always
unique index capture_trigger.capture_trigger_pkey: CREATE UNIQUE INDEX capture_trigger_pkey ON indelible.capture_trigger USING btree (function_name)
unique index checkpoint.checkpoint_pkey: CREATE UNIQUE INDEX checkpoint_pkey ON indelible.checkpoint USING btree (size)
unique index entry.entry_pkey: CREATE UNIQUE INDEX entry_pkey ON indelible.entry USING btree (id)
unique index link.link_entry_id_key: CREATE UNIQUE INDEX link_entry_id_key ON indelible.link USING btree (entry_id)
unique index link.link_pkey: CREATE UNIQUE INDEX link_pkey ON indelible.link USING btree (seq)
unique index migration.migration_pkey: CREATE UNIQUE INDEX migration_pkey ON indelible.migration USING btree (version)
unique index origin.origin_only_row_key: CREATE UNIQUE INDEX origin_only_row_key ON indelible.origin USING btree (only_row)
unique index origin.origin_pkey: CREATE UNIQUE INDEX origin_pkey ON indelible.origin USING btree (log_id)
`
