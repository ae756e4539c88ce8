package android.os;

/**
 * What can be written to a parcel and read from it again.
 *
 * <p>A class that implements this has a public static field {@code CREATOR} of type {@link Creator}.
 */
public interface Parcelable {
    /** For {@link #writeToParcel}: the object is a result, so what it holds may be released once it is written. */
    int PARCELABLE_WRITE_RETURN_VALUE = 1;

    /** Of {@link #describeContents}: there are file descriptors in it. */
    int CONTENTS_FILE_DESCRIPTOR = 1;

    /** Of {@link #getStability}: understood by code built together with it. */
    int PARCELABLE_STABILITY_LOCAL = 0;

    /** Of {@link #getStability}: of an interface that stays as it is. */
    int PARCELABLE_STABILITY_VINTF = 1;

    /**
     * Says what kinds of special objects are in it.
     *
     * @return {@link #CONTENTS_FILE_DESCRIPTOR} or 0
     */
    int describeContents();

    /**
     * Writes the object.
     *
     * @param dest a parcel to build
     * @param flags {@link #PARCELABLE_WRITE_RETURN_VALUE} or 0
     */
    void writeToParcel(Parcel dest, int flags);

    /**
     * Says who may be sent it.
     *
     * @return {@link #PARCELABLE_STABILITY_LOCAL} or {@link #PARCELABLE_STABILITY_VINTF}
     */
    default int getStability() {
        return PARCELABLE_STABILITY_LOCAL;
    }

    /**
     * Reads objects of one class.
     *
     * @param <T> the class
     */
    interface Creator<T> {
        /**
         * Reads an object that {@link Parcelable#writeToParcel} wrote.
         *
         * @param source the parcel, at that object
         * @return the object
         */
        T createFromParcel(Parcel source);

        /**
         * Makes an array.
         *
         * @param size its length
         * @return an array of nulls
         */
        T[] newArray(int size);
    }
}
