#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Makes the samples of models/station-*.yaml: the same ten seconds of requests, some 20 a second of 60 ms each, as five
# tools write them. They are made, not measured.
#
#   tests/samples.sh DIRECTORY
set -e
casebook=${CASEBOOK:-./casebook}
directory=$1
start=$(date -u -d 2026-01-05T08:00:00Z +%s)
recipe=$directory/recipe.yaml
printf 'windows: {rate: 20 /s, for: 10 s}\ncolumns: {service: exp(60 ms)}\n' >"$recipe"
"$casebook" trace gen station --recipe "$recipe" -o "$directory/rows.csv" 2>/dev/null
rm "$recipe"

# rows: a line each, "arrival end service" in ms since the start, in order of the ends, as tools write them.
rows() {
	awk -F, 'NR > 1 { a = int($1 / 1e6); s = int($NF / 1e6) + 1; print a, a + s, s, NR }' "$directory/rows.csv" | sort -n -k 2 -k 4
}
rows | awk -v start="$start" '{
	end = start + int($2 / 1000)
	printf "192.0.2.%d - - [%s +0000] \"GET /item/%d HTTP/1.1\" 200 %d \"-\" \"example/1.0\" %d.%03d\n", $4 % 7 + 1,
		strftime("%d/Jan/2026:%H:%M:%S", end, 1), $4 % 40, 500 + $4 % 90, $3 / 1000, $3 % 1000
}' >"$directory/station-nginx.log" 2>/dev/null || exit 1
rows | awk -v start="$start" 'BEGIN {
	print "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,failureMessage,bytes,sentBytes," \
		"grpThreads,allThreads,URL,Latency,IdleTime,Connect"
} {
	printf "%d%03d,%d,item,200,OK,users 1-%d,text,true,,%d,120,9,9,http://example.test/item/%d,%d,0,0\n", start + int($1 / 1000),
		$1 % 1000, $3, $4 % 9 + 1, 500 + $4 % 90, $4 % 40, $3
}' >"$directory/station-jmeter.csv"
rows | awk -v start="$start" 'BEGIN {
	print "metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,scenario," \
		"service,status,subproto,tls_version,url,extra_tags,metadata"
} {
	end = start + int($2 / 1000)
	tags = ",,,,true,,GET,http://example.test/item,HTTP/1.1,default,,200,,,http://example.test/item,,"
	printf "http_reqs,%d,1.000000%s\nhttp_req_duration,%d,%d.000000%s\ndata_sent,%d,%d.000000,,,,,,,,,default,,,,,,,\n", end, tags,
		end, $3, tags, end, 100 + $4 % 9
}' >"$directory/station-k6.csv"
rows | awk -v start="$start" '{
	printf "%d%03d000000,200,%d000000,0,%d,,,item,%d,GET,http://example.test/item/%d,\n", start + int($1 / 1000), $1 % 1000, $3,
		500 + $4 % 90, $4 - 2, $4 % 40
}' >"$directory/station-vegeta.csv"
# Ticks of 100 ns since 1601.
awk -F, -v start="$start" 'NR > 1 {
	a = int($1 / 1e6)
	printf "%.0f%03d0000,example,0,%s,%d,%d,%d0000\n", start + 11644473600 + int(a / 1000), a % 1000, NR % 3 ? "Read" : "Write",
		NR * 4096, 4096 * (NR % 4 + 1), int($NF / 1e6) + 1
}' "$directory/rows.csv" >"$directory/station-msr.csv"
rm "$directory/rows.csv"
