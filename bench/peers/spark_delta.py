# The peer: Spark Structured Streaming with Delta MERGE over the same topics, as seed 002 has it. One streaming query, foreachBatch:
# bronze append, then per table the newest change per key by source position, MERGE into silver. No gold, no transaction boundaries.
# Argument: JSON of spark.ts. The last line of the output is the result.
import json
import sys
import time

from delta.tables import DeltaTable
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F
from pyspark.sql import types as T

INPUT = json.loads(sys.argv[1])
OUT = INPUT["out"]
ORD_BITS = 16777216


def session() -> SparkSession:
    return (
        SparkSession.builder.master(f"local[{INPUT['cores']}]")
        .appName("peer")
        .config("spark.driver.memory", INPUT["memory"])
        .config("spark.jars", ",".join(INPUT["jars"]))
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.shuffle.partitions", INPUT["shufflePartitions"])
        .config("spark.databricks.delta.snapshotPartitions", 2)
        .config("spark.local.dir", f"{OUT}/tmp")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )


def envelope(table: dict) -> T.StructType:
    """Money and text as text, whole numbers and microseconds as long."""
    image = T.StructType([T.StructField(c["name"], T.LongType() if c["whole"] else T.StringType()) for c in table["columns"]])
    place = T.StructType([T.StructField("id", T.StringType()), T.StructField("total_order", T.LongType())])
    return T.StructType(
        [T.StructField("before", image), T.StructField("after", image), T.StructField("transaction", place), T.StructField("op", T.StringType())]
    )


def typed(column: dict, value):
    return value.cast("decimal(20,4)") if column["decimal"] else value


def silver(name: str) -> str:
    return f"{OUT}/silver/{name}"


def preload(spark: SparkSession, table: dict) -> None:
    key = table["key"]
    fill = {True: F.lit(1).cast("long"), False: F.lit("1")}
    columns = [
        (F.col("id") if c["name"] == key else typed(c, fill[c["whole"]])).alias(c["name"]) for c in table["columns"]
    ]
    rows = spark.range(table["first"], table["first"] + table["rows"]).select(*columns, F.lit(0).cast("long").alias("_pos"))
    rows.repartition(4).write.format("delta").save(silver(table["name"]))


def merge(spark: SparkSession, batch: DataFrame, table: dict) -> None:
    key = table["key"]
    names = [c["name"] for c in table["columns"]]
    events = batch.where((F.col("topic") == table["topic"]) & F.col("value").isNotNull()).select(
        F.from_json(F.col("value").cast("string"), envelope(table)).alias("e")
    )
    position = F.substring_index("e.transaction.id", ":", -1).cast("long") * ORD_BITS + F.col("e.transaction.total_order")
    changes = events.select(
        F.col("e.op").alias("_op"),
        position.alias("_pos"),
        F.coalesce(F.col(f"e.after.{key}"), F.col(f"e.before.{key}")).alias("_key"),
        *[typed(c, F.col(f"e.after.{c['name']}")).alias(c["name"]) for c in table["columns"]],
    )
    newest = Window.partitionBy("_key").orderBy(F.desc("_pos"))
    last = changes.withColumn("_rank", F.row_number().over(newest)).where("_rank = 1").drop("_rank")
    values = {name: f"s.{name}" for name in [*names, "_pos"]}
    (
        DeltaTable.forPath(spark, silver(table["name"]))
        .alias("t")
        .merge(last.alias("s"), f"t.{key} = s._key")
        .whenMatchedDelete("s._op = 'd' AND s._pos > t._pos")
        .whenMatchedUpdate("s._pos > t._pos", set=values)
        .whenNotMatchedInsert("s._op <> 'd'", values=values)
        .execute()
    )


def main() -> None:
    spark = session()
    spark.sparkContext.setLogLevel("ERROR")
    started = time.time()
    for table in INPUT["tables"]:
        preload(spark, table)
    preloaded = time.time() - started
    batches = []

    def take(batch: DataFrame, number: int) -> None:
        began = time.time()
        batch.persist()
        messages = batch.count()
        if messages > 0:
            bronze = batch.select("topic", "partition", "offset", "timestamp", F.col("key").cast("string"), F.col("value").cast("string"))
            bronze.write.format("delta").mode("append").option("txnAppId", "peer").option("txnVersion", number).save(f"{OUT}/bronze")
            for table in INPUT["tables"]:
                merge(spark, batch, table)
            events = batch.where(F.col("value").isNotNull()).count()
            batches.append((events, time.time() - began))
            print(f"batch {number}: {messages} messages in {batches[-1][1]:.1f} s", file=sys.stderr, flush=True)
        batch.unpersist()

    began = time.time()
    query = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", INPUT["brokers"])
        .option("subscribe", ",".join(table["topic"] for table in INPUT["tables"]))
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", INPUT["messagesPerBatch"])
        .load()
        .writeStream.foreachBatch(take)
        .option("checkpointLocation", f"{OUT}/checkpoint")
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    seconds = time.time() - began
    rows = {table["name"]: DeltaTable.forPath(spark, silver(table["name"])).toDF().count() for table in INPUT["tables"]}
    events = sum(count for count, _ in batches)
    warm = batches[1:]
    result = {
        "events": events,
        "seconds": seconds,
        "warmEventsPerSecond": sum(c for c, _ in warm) / max(1e-9, sum(s for _, s in warm)),
        "batches": len(batches),
        "preloadSeconds": preloaded,
        "rows": rows,
    }
    print(json.dumps(result), flush=True)
    spark.stop()


main()
