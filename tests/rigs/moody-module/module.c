/* A PKCS#11 module that has moods. It is SoftHSM's, but for what the file named by MOODY_MODULE says: one word, read
   again at each call. Built by the rig, loaded by nobody else. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef unsigned long word;
/* The order of CK_FUNCTION_LIST, PKCS#11 2.40. */
enum { INITIALIZE = 0, GET_SLOT_LIST = 4, GET_TOKEN_INFO = 6, LOGIN = 18, GET_ATTRIBUTE = 24, FIND = 27, SIGN = 43, ALL = 68 };
struct list {
    unsigned char version[2];
    void *functions[ALL];
};
struct attribute {
    word type;
    void *value;
    word length;
};

static struct list real, ours;
static char mood_now[64];

static const char *mood(void) {
    const char *path = getenv("MOODY_MODULE");
    int file = path ? open(path, O_RDONLY) : -1;
    ssize_t length = file < 0 ? 0 : read(file, mood_now, sizeof mood_now - 1);
    if (file >= 0) close(file);
    mood_now[length < 0 ? 0 : length] = 0;
    return mood_now;
}

static int is(const char *wanted) { return strcmp(mood(), wanted) == 0; }

static int has_pin_pad(void) { return strncmp(mood(), "pin-pad", 7) == 0; }

static void crash(void) { *(volatile int *)8 = 1; }

static void hang(void) {
    for (;;) sleep(1000);
}

static word initialize(void *arguments) {
    if (is("abort-at-start")) abort();
    if (is("hang-at-start")) hang();
    if (is("fail-at-start")) return 0x5;
    return ((word(*)(void *))real.functions[INITIALIZE])(arguments);
}

static word get_slot_list(unsigned char present, word *slots, word *count) {
    if (is("crash-listing")) crash();
    if (is("hang-listing")) hang();
    if (is("end-listing")) exit(3);
    if (is("countless-slots")) {
        *count = (word)1 << 58;
        return 0;
    }
    if (is("empty-slots")) {
        *count = 0;
        return 0;
    }
    if (is("noisy") || is("writes-everywhere")) {
        /* Whatever is printed must get nowhere. */
        printf("WARNING: debugging is on\n");
        fprintf(stderr, "WARNING: debugging is on\n");
        fflush(NULL);
        char line[8];
        if (fgets(line, sizeof line, stdin)) crash();
    }
    if (is("writes-everywhere")) {
        for (int file = 3; file < 64; file++)
            if (write(file, "HTTP/1.1 200 OK\r\n\r\n", 19) < 0) continue;
    }
    return ((word(*)(unsigned char, word *, word *))real.functions[GET_SLOT_LIST])(present, slots, count);
}

static word get_token_info(word slot, unsigned char *info) {
    word result = ((word(*)(word, void *))real.functions[GET_TOKEN_INFO])(slot, info);
    /* label 32, maker 32, model 16, serial 16, flags */
    word *flags = (word *)(info + 96);
    if (is("last-try")) *flags |= 0x00020000;
    if (is("locked")) *flags |= 0x00040000;
    if (has_pin_pad()) *flags |= 0x00000100;
    if (is("control-characters")) memcpy(info, "\033[2J\007\n\r\tlabel", 13);
    if (is("no-text")) memset(info, 0xff, 96);
    return result;
}

static word login(word session, word user, unsigned char *pin, word length) {
    if (is("crash-at-login")) crash();
    if (is("hang-at-login")) hang();
    if (has_pin_pad()) {
        /* Whoever has keys of its own is given no PIN; it is typed there. */
        if (pin || length) crash();
        if (is("pin-pad-wrong")) return 0xa0;
        if (is("pin-pad-nobody")) return 0x50;
        pin = (unsigned char *)getenv("MOODY_PIN");
        length = strlen((char *)pin);
    }
    if (is("tells-pins")) {
        fprintf(stdout, "PIN is %.*s\n", (int)length, pin);
        fprintf(stderr, "PIN is %.*s\n", (int)length, pin);
        fflush(NULL);
    }
    return ((word(*)(word, word, void *, word))real.functions[LOGIN])(session, user, pin, length);
}

static word get_attribute(word session, word object, struct attribute *wanted, word count) {
    word result = ((word(*)(word, word, void *, word))real.functions[GET_ATTRIBUTE])(session, object, wanted, count);
    if (is("long-attributes"))
        for (word at = 0; at < count; at++)
            if (wanted[at].value == NULL) wanted[at].length = (word)1 << 60;
    if (is("garbage-attributes"))
        for (word at = 0; at < count; at++)
            if (wanted[at].value != NULL) memset(wanted[at].value, 0xa5, wanted[at].length);
    return result;
}

static word find(word session, word *objects, word most, word *count) {
    if (is("endless-objects")) {
        for (word at = 0; at < most; at++) objects[at] = at + 1;
        *count = most;
        return 0;
    }
    return ((word(*)(word, void *, word, void *))real.functions[FIND])(session, objects, most, count);
}

static word sign(word session, void *data, word length, unsigned char *signature, word *signed_length) {
    if (is("crash-signing")) crash();
    if (is("hang-signing")) hang();
    word result = ((word(*)(word, void *, word, void *, word *))real.functions[SIGN])(session, data, length, signature, signed_length);
    if (signature == NULL && is("long-signature")) *signed_length = 4000;
    if (signature != NULL && is("long-signature")) {
        memset(signature, 0x5a, 4000);
        *signed_length = 4000;
    }
    if (signature != NULL && is("garbage-signature")) memset(signature, 0x5a, *signed_length);
    if (signature != NULL && is("one-bit-off")) signature[7] ^= 1;
    return result;
}

word C_GetFunctionList(struct list **list) {
    void *library = dlopen(getenv("MOODY_REAL"), RTLD_NOW | RTLD_LOCAL);
    word (*their)(struct list **) = library ? (word(*)(struct list **))dlsym(library, "C_GetFunctionList") : NULL;
    struct list *theirs = NULL;
    if (!their || their(&theirs) != 0) return 0x5;
    real = ours = *theirs;
    ours.functions[INITIALIZE] = initialize;
    ours.functions[GET_SLOT_LIST] = get_slot_list;
    ours.functions[GET_TOKEN_INFO] = get_token_info;
    ours.functions[LOGIN] = login;
    ours.functions[GET_ATTRIBUTE] = get_attribute;
    ours.functions[FIND] = find;
    ours.functions[SIGN] = sign;
    *list = &ours;
    return 0;
}
