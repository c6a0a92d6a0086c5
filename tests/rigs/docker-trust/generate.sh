#!/bin/sh
# Lays out by OpenSSL what `docker trust key generate NAME` leaves behind: generate.sh NAME WORKING-FOLDER TRUST-FOLDER PASSPHRASE.
#
# NAME.pub in the working folder; the private key below the trust folder, under its id, encrypted as Notary does, its role being NAME.
set -eu
name=$1 working=$2 trust=$3 passphrase=$4

with_role() {
    awk -v name="$name" '{ print } NR == 1 { print "role: " name; print "" }'
}

mkdir -p "$working" "$trust/private"
key=$(openssl ecparam -name prime256v1 -genkey -noout)
public=$(printf '%s\n' "$key" | openssl pkey -pubout -outform DER | openssl base64 -A)
id=$(printf '{"keytype":"ecdsa","keyval":{"private":null,"public":"%s"}}' "$public" | openssl dgst -sha256 -r | cut -d ' ' -f 1)
printf '%s\n' "$key" |
    openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA1 -iter 2048 -passout "pass:$passphrase" |
    with_role >"$trust/private/$id.key"
printf '%s\n' "$key" | openssl pkey -pubout | with_role >"$working/$name.pub"
echo "$id"
